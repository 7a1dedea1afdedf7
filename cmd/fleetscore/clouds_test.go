//go:build clouds

package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
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
			behind := server.Behind(t, change(t, server))
			_, queryBehind, _ := strings.Cut(behind.URL("fleet"), "?")
			testscript.Run(t, testscript.Params{
				Dir: "testdata/clouds",
				Setup: func(env *testscript.Env) error {
					env.Setenv("FLEETSCORE_INGEST_MQTT", "off")
					for name, value := range server.Env {
						env.Setenv(name, value)
						env.Setenv("BEHIND_"+name, behind.Env[name])
					}
					env.Setenv("REPO", repo)
					env.Setenv("U", bucket)
					env.Setenv("Q", "?"+query)
					env.Setenv("QBEHIND", "?"+queryBehind)
					env.Setenv("NONE", strings.Replace(bucket, "fleet", "no-such-bucket", 1))
					return nil
				},
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"exits": exits, "upload": upload, "download": download, "keys": keys, "lines": lines,
				},
				Condition: func(cond string) (bool, error) {
					switch cond {
					case "refuses":
						return name != "gcs", nil
					case "aws":
						return name == "s3", nil
					case "azure":
						return name == "azure", nil
					case "google":
						return name == "gcs", nil
					}
					return false, fmt.Errorf("unknown condition %s", cond)
				},
				RequireExplicitExec: true,
				RequireUniqueNames:  true,
			})
		})
	}
}

// change gives what a proxy does ahead of requests: once the first part of an
// object called changing or vanishing was read, it is replaced or deleted. The
// other version is of the same size.
func change(t *testing.T, server *servers.Server) func(*http.Request) {
	var once sync.Map
	return func(r *http.Request) {
		part := cmp.Or(r.Header.Get("Range"), r.Header.Get("X-Ms-Range"))
		changing, vanishing := strings.Contains(r.URL.Path, "/changing."), strings.Contains(r.URL.Path, "/vanishing.")
		if part == "" || strings.HasPrefix(part, "bytes=0-") || !changing && !vanishing {
			return
		}
		do, _ := once.LoadOrStore(r.URL.Path, &sync.Once{})
		do.(*sync.Once).Do(func() {
			s, err := cloudstore.Open(t.Context(), server.URL("fleet"))
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			key := r.URL.Path[strings.LastIndex(r.URL.Path, "/fleet/")+len("/fleet/"):]
			if vanishing {
				err = s.Delete(t.Context(), key)
			} else {
				var data []byte
				data, err = s.Get(t.Context(), key, nil)
				err = errors.Join(err, s.Put(t.Context(), key, bytes.NewReader(bytes.ReplaceAll(data, []byte(",1\n"), []byte(",2\n")))))
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// lines writes a file of readings: a header and then lines of one sensor, as many as are named.
func lines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines COUNT FILE")
	}
	count, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte("ts,device,tag,value\n"+strings.Repeat("1700000000,a,x,1\n", count)), 0o600))
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
