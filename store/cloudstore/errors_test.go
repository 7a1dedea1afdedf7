package cloudstore

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// TestOneLine: a request's query, in which a token may be, is not shown.
func TestOneLine(t *testing.T) {
	err := errors.New("Get \"https://a.blob.core.windows.net/c/k?comp=list&sig=hunter2%3D\": dial\n--------\n tcp: refused; see http://x/y?sig=hunter2")
	got := oneLine{err}.Error()
	if want := `Get "https://a.blob.core.windows.net/c/k": dial tcp: refused; see http://x/y`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// TestAzureSecrets: credentials of Azure that cannot be used are not repeated.
func TestAzureSecrets(t *testing.T) {
	for name, test := range map[string]struct{ env, query, want string }{
		"key":        {"AZURE_STORAGE_ACCOUNT=a AZURE_STORAGE_KEY=hunter2!", "", "not base64"},
		"connection": {"AZURE_STORAGE_ACCOUNT=a AZURE_STORAGE_CONNECTION_STRING=AccountKey:hunter2", "", "cannot be read"},
		"token":      {"AZURE_STORAGE_ACCOUNT=a AZURE_STORAGE_SAS_TOKEN=sig=hunter2", "?domain=elsewhere.example", "can have no query"},
		"nothing":    {"", "", "set AZURE_STORAGE_ACCOUNT"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, setting := range strings.Fields(test.env) {
				name, value, _ := strings.Cut(setting, "=")
				t.Setenv(name, value)
			}
			_, err := Open(context.Background(), "azblob://c/p"+test.query)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v; want %q", err, test.want)
			}
		})
	}
}
