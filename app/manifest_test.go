package app

import "testing"

// A task finds the store again from the URL that it is given.
func TestManifestURL(t *testing.T) {
	const key = "runs/20261123t130000000-abcde/manifest-0.json"
	dir := t.TempDir()
	for _, text := range []string{dir, dir + "/a b/runs/c%", "file://" + dir + "/x", "s3://bucket", "s3://bucket/plant/7?region=us-east-1&use_path_style=true", "azblob://c/p"} {
		l, err := parseLocation(text)
		if err != nil {
			t.Fatal(err)
		}
		again, got, err := splitManifest(manifestURL(l, key))
		if err != nil || got != key || again.at() != l.at() || again.bucket != l.bucket {
			t.Errorf("%s: %s is %s at %s (%s), %v", text, manifestURL(l, key), got, again.at(), again.text, err)
		}
		if parsed, err := parseLocation(again.text); err != nil || parsed.at() != l.at() {
			t.Errorf("%s: %s is another place: %v", text, again.text, err)
		}
	}
	if _, _, err := splitManifest("s3://bucket/other.json"); err == nil {
		t.Error("what is no manifest is taken for one")
	}
}
