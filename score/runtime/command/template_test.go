package command

import (
	"slices"
	"strings"
	"testing"
)

func TestTemplateRefused(t *testing.T) {
	for _, test := range []struct {
		run   string
		shard bool
		want  string
	}{
		{"", false, "there is no program"},
		{"  ", false, "there is no program"},
		{"python 'predict.py", false, "the quote ' is not closed"},
		{"python {devise}", false, "{devise} is not known; there are {device}"},
		{"{device} x", false, "a sensor does not choose what runs"},
		{"python --of={tag}", true, "a program per shard has many"},
	} {
		if _, err := ParseTemplate(test.run, test.shard); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v; want %q", test.run, err, test.want)
		}
	}
}

func TestFill(t *testing.T) {
	for _, test := range []struct {
		run, device string
		want        []string
		wrong       string
	}{
		{`a  {device}	"{device} '$x'" b'c d'"e" ''`, "x y", []string{"a", "x y", "x y '$x'", "bc de", ""}, ""},
		{"a {{device}} {{{device}}} {}", "x", []string{"a", "{device}", "{x}", "{}"}, ""},
		{"a --device={device}", "-rf", []string{"a", "--device=-rf"}, ""},
		{"a -{device}", "-rf", []string{"a", "--rf"}, ""},
		{"a -- {device}", "-rf", []string{"a", "--", "-rf"}, ""},
		{"a {device} --", "-rf", nil, "would be taken for an option; write -- before {device}"},
		{"a {device}", "x\x00y", nil, "NUL byte"},
		{"a {device}", "{tag}", []string{"a", "{tag}"}, ""},
	} {
		template, err := ParseTemplate(test.run, false)
		if err != nil {
			t.Fatalf("%q: %v", test.run, err)
		}
		got, err := template.fill(map[string]string{"device": test.device, "tag": "t"})
		if test.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), test.wrong) {
				t.Errorf("%q of %q: %q, %v; want %q", test.run, test.device, got, err, test.wrong)
			}
			continue
		}
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%q of %q: %q, %v; want %q", test.run, test.device, got, err, test.want)
		}
	}
}

// FuzzFill: whatever a device is called, it changes its own word and no other.
func FuzzFill(f *testing.F) {
	f.Add("a b c")
	f.Add("' \" {tag} }} -- \n")
	template, err := ParseTemplate(`run --of={device} 'x {device}' end`, false)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, device string) {
		argv, err := template.fill(map[string]string{"device": device})
		if strings.ContainsRune(device, 0) {
			if err == nil {
				t.Errorf("%q is no argument", device)
			}
			return
		}
		if err != nil || !slices.Equal(argv, []string{"run", "--of=" + device, "x " + device, "end"}) {
			t.Errorf("%q: %q, %v", device, argv, err)
		}
	})
}
