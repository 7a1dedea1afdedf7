package python

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fleetscore/fleetscore/score/runtime"
)

// FuzzAnswers reads what a hostile process may send.
func FuzzAnswers(f *testing.F) {
	head := "\x24\x00\x00\x00" + "A\x01\x00\x00\x07\x00\x00\x00" + "\x00\x00\x00\x00\x00\x00\xf0?" + "\x00\x10\x00\x00\x00\x00\x00\x00"
	f.Add([]byte(head+"\x00\x00\x00\x00\x00\x00\xe0?"+"\x01"+"\x00\x00\x00"), uint16(1))
	f.Add([]byte("\x0a\x00\x00\x00P\x00\x00\x00\x01\x00\x00\x00hi"), uint16(0))
	f.Add([]byte("\x1a\x00\x00\x00XS\x00\x00\x01\x00\x00\x00"+strings.Repeat("\xff", 16)+"no"), uint16(0))
	f.Add([]byte("\xff\xff\xff\xffA"), uint16(60))
	f.Fuzz(func(t *testing.T, sent []byte, rows uint16) {
		from := bufio.NewReader(bytes.NewReader(sent))
		var buf []byte
		for {
			var a answer
			var err error
			a, buf, err = readAnswer(from, buf, int(rows))
			if err != nil {
				if !errors.Is(err, errProtocol) && !errors.Is(err, errEnded) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Fatal(err)
				}
				return
			}
			if len(buf) > answerHead+maxText+9*int(rows) || !utf8.ValidString(a.text) || a.took < 0 || a.memory < 0 {
				t.Fatalf("%d bytes: %+v", len(buf), a)
			}
			var into runtime.Answer
			if a.kind != isAnswer || a.put(int(rows), &into) != nil {
				continue
			}
			if len(into.Score) != int(rows) || len(into.Label) != int(rows) {
				t.Fatalf("%d rows: %+v", rows, into)
			}
			for i, s := range into.Score {
				if l := into.Label[i]; math.IsNaN(s) || math.IsInf(s, 0) || l != 1 && l != -1 {
					t.Fatalf("row %d: %v, %d", i, s, l)
				}
			}
		}
	})
}

// What is not pinned, or would have to be built, is refused before anything is run.
func TestCheckLock(t *testing.T) {
	for _, good := range []string{
		"numpy==2.4.6", "numpy == 2.4.6 # the newest\n", "--index-url https://example.org/simple\nnumpy==2.4.6 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n    # via scipy\n",
		"a.b-c_d[x, y]==1!2.0+cpu ; python_version >= '3.11'\r\n", "-i https://example.org\n--require-hashes\nx==1",
	} {
		if err := checkLock([]byte(good)); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for bad, line := range map[string]string{
		"": "names no package", "# nothing": "names no package", "numpy": "line 1", "numpy>=1": "line 1", "numpy==1.*": "line 1", "x==1\n-e .": "line 2", "x==1\n./x": "line 2", "git+https://example.org/x": "line 1",
		"x @ file:///x": "line 1", "x==1 --install-option=y": "line 1", "--no-binary :all:\nx==1": "line 1", "--no-binary=:all:\nx==1": "line 1", "-r other.txt": "line 1", "--only-binary x\nx==1": "line 1", "x==1 \\\n -e y": "line 2", "$(x)==1": "line 1",
	} {
		if err := checkLock([]byte(bad)); err == nil || !strings.Contains(err.Error(), line) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
