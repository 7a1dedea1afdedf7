//go:build clouds

package main

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/fleetscore/fleetscore/internal/testkit/servers"
	"github.com/fleetscore/fleetscore/store/cloudstore"
)

// TestClouds runs testdata/clouds/*.txtar with each kind of cloud store. Scripts
// find a bucket as $U and what follows the path in its URL as $Q.
func TestClouds(t *testing.T) {
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for name, server := range map[string]*servers.Server{"azure": servers.Azure(t), "s3": servers.S3(t), "gcs": servers.GCS(t)} {
		t.Run(name, func(t *testing.T) {
			server.Setenv(t)
			server.Make(t, "fleet")
			bucket, query, _ := strings.Cut(server.URL("fleet"), "?")
			testscript.Run(t, testscript.Params{
				Dir: "testdata/clouds",
				Setup: func(env *testscript.Env) error {
					for name, value := range server.Env {
						env.Setenv(name, value)
					}
					env.Setenv("REPO", repo)
					env.Setenv("U", bucket)
					env.Setenv("Q", "?"+query)
					env.Setenv("NONE", strings.Replace(bucket, "fleet", "no-such-bucket", 1))
					return nil
				},
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"exits": exits, "upload": upload, "download": download, "keys": keys,
				},
				Condition: func(cond string) (bool, error) {
					switch cond {
					case "refuses":
						return name != "gcs", nil
					case "aws":
						return name == "s3", nil
					}
					return false, fmt.Errorf("unknown condition %s", cond)
				},
				RequireExplicitExec: true,
				RequireUniqueNames:  true,
			})
		})
	}
}

// objectAt opens the bucket of a URL.
func objectAt(ts *testscript.TestScript, url string) (*cloudstore.Store, string) {
	bucket, key, err := cloudstore.Split(url)
	ts.Check(err)
	s, err := cloudstore.Open(context.Background(), bucket)
	ts.Check(err)
	return s, key
}

// upload stores a file under a URL.
func upload(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: upload FILE URL")
	}
	s, key := objectAt(ts, args[1])
	defer s.Close()
	file, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer file.Close()
	ts.Check(s.Put(context.Background(), key, file))
}

// download fetches the object of a URL.
func download(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: download URL FILE")
	}
	s, key := objectAt(ts, args[0])
	defer s.Close()
	data, err := s.Get(context.Background(), key, nil)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data, 0o600))
}

// keys fails if anything but the named objects is below a URL.
func keys(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: keys URL NAME ...")
	}
	s, prefix := objectAt(ts, args[0])
	defer s.Close()
	var found []string
	for info, err := range s.List(context.Background(), prefix+"/") {
		ts.Check(err)
		found = append(found, path.Base(info.Key))
	}
	if got, want := strings.Join(found, " "), strings.Join(args[1:], " "); got != want {
		ts.Fatalf("below %s: %s; want %s", args[0], got, want)
	}
}
