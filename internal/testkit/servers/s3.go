package servers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// S3 starts a server of the S3 protocol. Its buckets are folders.
func S3(t *testing.T) *Server {
	t.Helper()
	const access, secret = "fleet", "only-for-this-test"
	port, folder := freePort(t), t.TempDir()
	cmd := exec.Command(installed(t, "bin", "versitygw"), "--port", "127.0.0.1:"+port, "--quiet", "posix", folder)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+access, "ROOT_SECRET_KEY="+secret)
	start(t, cmd, port)
	return &Server{
		address: "127.0.0.1:" + port,
		Env:     map[string]string{"AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": secret, "AWS_EC2_METADATA_DISABLED": "true"},
		URL: func(bucket string) string {
			return fmt.Sprintf("s3://%s?endpoint=http://127.0.0.1:%s&use_path_style=true&disable_https=true&region=us-east-1", bucket, port)
		},
		Make: func(t *testing.T, bucket string) {
			t.Helper()
			if err := os.Mkdir(filepath.Join(folder, bucket), 0o700); err != nil {
				t.Fatal(err)
			}
		},
	}
}
