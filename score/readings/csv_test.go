package readings

import (
	"bytes"
	"context"
	"encoding/csv"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// split gives all records of text, or the status of the first damaged one.
func split(text []byte, comma byte) ([][]string, status) {
	s := splitter{comma: comma, most: 1 << 20, wanted: 1 << 20}
	var records [][]string
	for len(text) > 0 {
		n, st := s.next(text, true, bytes.IndexByte(text, '"') >= 0)
		if st != whole {
			return nil, st
		}
		if len(cutReturn(bytes.TrimSuffix(text[:n], []byte("\n")))) > 0 {
			var fields []string
			for _, f := range s.fields {
				fields = append(fields, string(f))
			}
			records = append(records, fields)
		}
		text = text[n:]
	}
	return records, whole
}

func TestSplit(t *testing.T) {
	for text, want := range map[string][][]string{
		"a,b\nc,d\n":         {{"a", "b"}, {"c", "d"}},
		"a,b\r\nc,d":         {{"a", "b"}, {"c", "d"}},
		"a\r":                {{"a"}},
		",\n":                {{"", ""}},
		"\n\r\n\na\n":        {{"a"}},
		"\"a,b\",\"c\nd\"\n": {{"a,b", "c\nd"}},
		`"a""b","","""",x`:   {{`a"b`, "", `"`, "x"}},
		"\"a\"\r\n\"b\"\r":   {{"a"}, {"b"}},
		"\"\r\n\"\r\n":       {{"\r\n"}},
		"5\" pipe, \"x\"\n":  {{`5" pipe`, ` "x"`}},
		"\"\"\n":             {{""}},
	} {
		if got, st := split([]byte(text), ','); st != whole || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, status %d; want %q", text, got, st, want)
		}
	}
	for text, want := range map[string]status{
		"\"a":           openQuote,
		"a,\"b\n\nc":    openQuote,
		"\"a\"\"":       openQuote,
		"\"a\"b\n":      afterQuote,
		"\"a\" ,b\n":    afterQuote,
		"\"a\"\rb\n":    afterQuote,
		"\"a\"\r,b\n":   afterQuote,
		"\"a\n\"b\"\n":  afterQuote,
		"x,\"a\"\r\r\n": afterQuote,
	} {
		if _, st := split([]byte(text), ','); st != want {
			t.Errorf("%q: status %d, want %d", text, st, want)
		}
	}
}

// What encoding/csv accepts is accepted, with the same fields.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"TS,Device,Tag,Value\n2018-08-28 23:00:05.000,1,4,84.53\n", "\"a\"\"b\",\"\r\n\"\r\n\n,", "a;\"b;c\"", "\"a\"\r", "\"\"\n\"\n\"",
	} {
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, text []byte, semicolon bool) {
		comma := byte(',')
		if semicolon {
			comma = ';'
		}
		got, st := split(text, comma)
		oracle := csv.NewReader(bytes.NewReader(text))
		oracle.FieldsPerRecord = -1
		oracle.Comma = rune(comma)
		want, err := oracle.ReadAll()
		if err != nil {
			return
		}
		if st != whole || len(got) != len(want) {
			t.Fatalf("%d records, status %d; want %d", len(got), st, len(want))
		}
		for i := range want {
			for k, field := range got[i] {
				got[i][k] = strings.ReplaceAll(field, "\r\n", "\n") // as encoding/csv does
			}
			if !reflect.DeepEqual(got[i], want[i]) {
				t.Fatalf("record %d: %q, want %q", i, got[i], want[i])
			}
		}
	})
}

// Where blocks end makes no difference, whatever the bytes are; and rows that
// are not kept are counted.
func FuzzRead(f *testing.F) {
	const (
		rows = "ts,device,tag,value\n1,a,b,2\n2,a,b,x\n3,a,b,4\n"
		line = `{"device":"d","tag":"t","ts":1,"value":2,"x":"#"}` + "\n"
	)
	cut := func(file []byte) string { return string(file[:len(file)-9]) }
	for _, seed := range []string{
		"ts,device,tag,value\n1,a,b,2\n\"2\",\"a\nb\",\"\"\"\",x\n",
		"\xef\xbb\xbfts;device;tag;value\r\n\r\n1;a;b;NaN\n2;a;\n3;\"a;b;1\n4;a;b;5\n",
		"ts\tdevice\ttag\tvalue\n1\ta\tb\t1\n\"1\"x\ta\tb\t1\n" + strings.Repeat("y", 70),
		"ts,device,tag,value\n1,a\x00,b,2\n" + strings.Repeat("a\",\"\n", 30),
		strings.Repeat("x", 70) + "\x00\nts,device,tag,value\n",
		"\x1f\x8b\x08", "\x28\xb5\x2f\xfd", "PAR1",
		"\x28\xb5\x2f\xfd\x80*******\x00\x8f",                                  // a block of one byte, very often, and then nothing
		"\xef\xbb\xbf\xef\xbb\xbfts,device,tag,value\n1,a,b,2\n",               // the second mark is part of a name
		"\r\n" + strings.Replace(line, "#", strings.Repeat("y", 16), 1) + line, // as long as may be
		"\r\n" + strings.Replace(line, "#", strings.Repeat("y", 17), 1) + line,
		cut(gzipped(f, rows)), cut(zstandard(f, rows)),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		large := newCollector(Options{}, 1<<16, 64)
		small := newCollector(Options{}, 3, 64)
		err1 := large.Read(t.Context(), "f", bytes.NewReader(text))
		err2 := small.Read(t.Context(), "f", iotest.OneByteReader(bytes.NewReader(text)))
		if (err1 == nil) != (err2 == nil) || err1 != nil && err1.Error() != err2.Error() {
			t.Fatalf("in one block: %v; in small ones: %v", err1, err2)
		}
		got1, got2 := dump(large.Finish()), dump(small.Finish())
		if got1 != got2 {
			t.Fatalf("in one block:\n%s\nin small ones:\n%s", got1, got2)
		}
	})
}

// Each line here opens a quote that nothing closes; each is looked at only a few
// times nevertheless.
func TestManyOpenQuotes(t *testing.T) {
	for name, file := range map[string]string{
		"never closed":         strings.Repeat("a\",\"\n", 400_000),
		"text after the quote": strings.Repeat(strings.Repeat("a\",\"\n", 100_000)+"\"x\n", 4),
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			c := NewCollector(Options{})
			if err := c.Read(ctx, "f.csv", strings.NewReader("ts,device,tag,value\n"+file+"1,a,b,2\n")); err != nil {
				t.Fatal(err)
			}
			set := c.Finish()
			bad := int64(strings.Count(file, "\n"))
			if set.Rows != 1 || set.Unattributed[0].Rows != bad {
				t.Errorf("%d rows, %+v; want 1 and %d bad ones", set.Rows, set.Unattributed, bad)
			}
		})
	}
}
