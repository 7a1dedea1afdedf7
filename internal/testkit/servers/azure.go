package servers

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

// Azure starts the emulator of Azure Blob Storage.
func Azure(t *testing.T) *Server {
	t.Helper()
	const account = "fleet"
	secret := make([]byte, 64)
	_, _ = rand.Read(secret)
	key := base64.StdEncoding.EncodeToString(secret)
	port := freePort(t)
	cmd := exec.Command("node", installed(t, "npm", "node_modules", "azurite", "dist", "src", "blob", "main.js"),
		"--blobHost", "127.0.0.1", "--blobPort", port, "--location", t.TempDir(), "--silent", "--skipApiVersionCheck", "--disableTelemetry")
	cmd.Env = append(os.Environ(), "AZURITE_ACCOUNTS="+account+":"+key)
	start(t, cmd, port)
	service := fmt.Sprintf("http://127.0.0.1:%s/%s", port, account)
	return &Server{
		address: "127.0.0.1:" + port,
		Env:     map[string]string{"AZURE_STORAGE_ACCOUNT": account, "AZURE_STORAGE_KEY": key},
		URL: func(bucket string) string {
			return fmt.Sprintf("azblob://%s?protocol=http&domain=127.0.0.1:%s&localemu=true", bucket, port)
		},
		Make: func(t *testing.T, bucket string) {
			t.Helper()
			credential, err := azblob.NewSharedKeyCredential(account, key)
			if err != nil {
				t.Fatal(err)
			}
			client, err := azblob.NewClientWithSharedKeyCredential(service, credential, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.CreateContainer(t.Context(), bucket, nil); err != nil {
				t.Fatal(err)
			}
		},
	}
}
