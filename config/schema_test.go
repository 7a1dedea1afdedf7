package config_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// beyondSchema are bad files whose mistakes a JSON Schema cannot see: it knows
// nothing of relations between settings, of YAML's forms, or of time zones.
var beyondSchema = []string{
	"data-", "input-no-window", "input-device-features", "input-features-", "job-interval-fraction", "job-max-failed-percent", "job-retries-backoff", "job-runtime-image", "job-runtime-two", "job-timezone", "job-interval-long",
	"listen-", "partitions-hex", "partitions-octal", "pool-memory-", "pool-min-over-max", "prices-currency", "retention-huge", "store-", "tag", "tls-", "hosts-", "two-documents", "json-lines", "window-fraction", "job-score-below-nan",
}

func TestSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../docs/fleetscore.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range fixtures(t, "good", 10) {
		value, err := asJSON(read(t, path))
		if err != nil {
			t.Errorf("%s: %v", path, err)
		} else if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	found, missed := 0, 0
	for _, path := range fixtures(t, "bad", 100) {
		value, err := asJSON(read(t, path))
		if err != nil || schema.Validate(value) != nil {
			found++
			continue
		}
		missed++
		excused := false
		for _, name := range beyondSchema {
			excused = excused || strings.HasPrefix(strings.TrimPrefix(path, "testdata/bad/"), name)
		}
		if !excused {
			t.Errorf("the schema accepts %s", path)
		}
	}
	if found < 2*missed {
		t.Errorf("the schema finds %d and misses %d", found, missed)
	}
}

// asJSON is what an editor sees of a file.
func asJSON(text string) (any, error) {
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		return nil, err
	}
	data, err := json.Marshal(withTextKeys(value))
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(strings.NewReader(string(data)))
}

// withTextKeys makes text of keys that look like numbers.
func withTextKeys(value any) any {
	switch v := value.(type) {
	case map[any]any:
		texts := map[string]any{}
		for key, element := range v {
			texts[fmt.Sprint(key)] = withTextKeys(element)
		}
		return texts
	case map[string]any:
		for key, element := range v {
			v[key] = withTextKeys(element)
		}
	}
	return value
}
