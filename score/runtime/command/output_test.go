package command

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/fleetscore/fleetscore/score/runtime"
)

// FuzzReadCSV and FuzzReadParquet: whatever a program writes, each sensor has failed, or
// has an answer for each of its rows; and what it costs is bounded by its size.
func FuzzReadCSV(f *testing.F) {
	f.Add([]byte("score\n1\n2\n3\n"))
	f.Add([]byte("TS,Device,Tag,Val,Prediction\n2001-09-09T01:46:40Z,a,t,1,0\n1000000000,b,t,,1\n"))
	f.Add([]byte("label,device,tag\n1,a,t\n\"-1\",b,t\n"))
	f.Add([]byte("score,time\n1,1000000000.5\n-1,1000000000\n"))
	f.Fuzz(func(t *testing.T, output []byte) {
		judge(t, func(s *sheets) error { return s.readCSV(bytes.NewReader(output)) })
	})
}

func FuzzReadParquet(f *testing.F) {
	var file bytes.Buffer
	if err := encodeParquet(&file, requests("a", "b")); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Add(bytes.Replace(file.Bytes(), []byte("Value"), []byte("score"), 1))
	f.Add(bytes.ReplaceAll(file.Bytes(), []byte("Value"), []byte("score")))
	f.Fuzz(func(t *testing.T, output []byte) {
		judge(t, func(s *sheets) error { return s.readParquet(t.Context(), bytes.NewReader(output), int64(len(output))) })
	})
}

func judge(t *testing.T, read func(*sheets) error) {
	t.Helper()
	for _, all := range [][]runtime.Request{requests("a"), requests("a", "b")} {
		answers := make([]runtime.Answer, len(all))
		sheets := newSheets(all, answers)
		if err := read(sheets); err != nil {
			continue
		}
		sheets.finish()
		for i, a := range answers {
			switch {
			case (a.Cause == "") != (a.Err == nil):
				t.Errorf("cause %q, error %v", a.Cause, a.Err)
			case len(a.Score) != all[i].Rows() || len(a.Label) != all[i].Rows():
				t.Errorf("%d scores, %d labels", len(a.Score), len(a.Label))
			}
			for row, label := range a.Label {
				if label < -1 || label > 1 || math.IsInf(a.Score[row], 0) {
					t.Errorf("row %d: score %v, label %d", row, a.Score[row], label)
				}
			}
		}
	}
}

// TestMatching: rows that come in another order are matched by their times, those of one
// time in their order; a row is answered once.
func TestMatching(t *testing.T) {
	for _, test := range []struct {
		output string
		scores []float64
		want   string
	}{
		{"time,score\n1000000000.5,3\n1000000000,1\n1000000000,2\n", []float64{1, 2, 3}, ""},
		{"time,score\n1000000000,1\n1000000000.5,3\n2001-09-09 03:46:40+02:00,2\n", []float64{1, 2, 3}, ""},
		{"time,score\n1000000000,1\n1000000000,2\n1000000000,3\n", nil, "a row of 2001-09-09T01:46:40Z, which was not asked for, or is answered already"},
		{"time,score\n1000000000,1\n1000000000.5,3\n", nil, "2 rows for the 3"},
		{"time,tag,score\n1000000000,other,1\n", nil, `a row of "d/other", which was not asked for`},
	} {
		all := requests("d")
		answers := make([]runtime.Answer, 1)
		s := newSheets(all, answers)
		err := s.readCSV(strings.NewReader(test.output))
		if s.finish(); err == nil {
			err = answers[0].Err
		}
		if test.want == "" && (err != nil || answers[0].Score[0] != test.scores[0] || answers[0].Score[1] != test.scores[1] || answers[0].Score[2] != test.scores[2]) {
			t.Errorf("%q: %v, %v", test.output, answers[0].Score, err)
		}
		if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%q: %v; want %q", test.output, err, test.want)
		}
	}
}
