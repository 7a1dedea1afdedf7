package cloudstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"gocloud.dev/blob"
	"gocloud.dev/blob/azureblob"
)

// openAzure opens a container, with connections and messages of ours.
func openAzure(ctx context.Context, u *url.URL) (*blob.Bucket, error) {
	found := findAzure()
	service := azureblob.NewDefaultServiceURLOptions()
	if found.key != "" {
		service.SASToken = ""
	}
	if cmp.Or(service.AccountName, u.Query().Get("storage_account")) == "" {
		return nil, errors.New("no account name: set AZURE_STORAGE_ACCOUNT, or add ?storage_account=NAME to the URL")
	}
	if service.SASToken != "" && u.RawQuery != "" {
		// The token is sent to whatever host the query names.
		return nil, errors.New("with AZURE_STORAGE_SAS_TOKEN the URL can have no query; set AZURE_STORAGE_DOMAIN and AZURE_STORAGE_PROTOCOL instead")
	}
	opener := &azureblob.URLOpener{MakeClient: found.client, ServiceURLOptions: *service}
	return opener.OpenBucketURL(ctx, u)
}

// azureCredentials are what the environment has; of several, the first counts.
type azureCredentials struct {
	account, key string
	token        string // in the service's URL
	connection   string
}

func findAzure() azureCredentials {
	return azureCredentials{
		account:    os.Getenv("AZURE_STORAGE_ACCOUNT"),
		key:        os.Getenv("AZURE_STORAGE_KEY"),
		token:      os.Getenv("AZURE_STORAGE_SAS_TOKEN"),
		connection: cmp.Or(os.Getenv("AZURE_STORAGE_CONNECTION_STRING"), os.Getenv("AZURE_STORAGEBLOB_CONNECTIONSTRING")),
	}
}

func (c azureCredentials) client(service azureblob.ServiceURL, name azureblob.ContainerName) (*container.Client, error) {
	at, err := url.JoinPath(string(service), string(name))
	if err != nil {
		return nil, errors.New("the account and its domain make no address; see docs/storage.md") // err shows the token
	}
	options := &container.ClientOptions{ClientOptions: azcore.ClientOptions{Transport: &http.Client{Transport: newTransport()}}}
	switch {
	case c.account != "" && c.key != "":
		key, err := container.NewSharedKeyCredential(c.account, c.key)
		if err != nil {
			return nil, errors.New("AZURE_STORAGE_KEY is not a key: it is not base64")
		}
		return container.NewClientWithSharedKeyCredential(at, key, options)
	case c.token != "":
		return container.NewClientWithNoCredential(at, options)
	case c.connection != "":
		client, err := container.NewClientFromConnectionString(c.connection, string(name), options)
		if err != nil {
			return nil, errors.New("AZURE_STORAGE_CONNECTION_STRING cannot be read; copy it as the portal shows it") // err may show it
		}
		return client, nil
	}
	identity, err := azidentity.NewDefaultAzureCredential(nil)
	if err != nil {
		return nil, fmt.Errorf("no credentials: %w", err)
	}
	return container.NewClient(at, identity, options)
}
