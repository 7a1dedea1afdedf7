package pool

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// random are signals that can be.
func random(r *rand.Rand) Signals {
	s := Signals{Min: r.IntN(4), NextRunSeconds: Never, StartupSeconds: r.ExpFloat64() * 60}
	s.Max = s.Min + r.IntN(20)
	s.BusyNodes, s.IdleNodes, s.StartingNodes = r.IntN(5), r.IntN(5), r.IntN(5)
	s.FullNodes = r.IntN(s.BusyNodes + 1)
	s.Nodes = s.BusyNodes + s.IdleNodes + s.StartingNodes
	s.RunningTasks = s.BusyNodes
	if r.IntN(2) == 0 {
		s.PendingTasks = 1 + r.IntN(10_000)
		s.PendingSensors = s.PendingTasks * 10
		s.PendingSeconds, s.OldestSeconds = r.ExpFloat64()*1000, r.ExpFloat64()*100
	}
	if r.IntN(2) == 0 {
		s.NextRunSeconds, s.NextRunNodes = r.ExpFloat64()*100, r.IntN(10)
	}
	return s
}

// Whatever the formula gives, min and max hold.
func TestBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, text := range []string{Default, "-5", "1e300", "pending_tasks * 1000", "nodes - 3", "0.2", "max + 1", "min - 1"} {
		f, err := Compile(text)
		if err != nil {
			t.Fatal(err)
		}
		for range 2000 {
			s := random(r)
			if d := f.Decide(s); d.Target < s.Min || d.Target > s.Max || d.Error != "" || d.Reason == "" {
				t.Fatalf("%s: %+v of %+v", text, d, s)
			}
		}
	}
}

// The default has nodes while there is work, none when there is none, and those of the
// next run when it is near. When what it wants is there, it wants nothing else.
func TestDefault(t *testing.T) {
	f, err := Compile(Default)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		s := random(r)
		s.Max = max(s.Max, 1)
		d := f.Decide(s)
		switch {
		case s.PendingTasks > 0 && d.Target < 1:
			t.Fatalf("tasks wait for ever: %+v of %+v", d, s)
		case s.PendingTasks == 0 && s.BusyNodes == 0 && s.NextRunSeconds > s.StartupSeconds && d.Target != s.Min:
			t.Fatalf("there is nothing to do: %+v of %+v", d, s)
		case s.PendingTasks == 0 && s.NextRunSeconds <= s.StartupSeconds && d.Target < min(s.NextRunNodes, s.Max):
			t.Fatalf("the next run is near: %+v of %+v", d, s)
		}
	}
	for range 5000 { // it settles: with the nodes that it wants it wants no more
		s := random(r)
		s.OldestSeconds, s.Min = 0, 0
		d := f.Decide(s)
		if s.PendingTasks == 0 {
			s.IdleNodes, s.StartingNodes, s.Nodes = max(d.Target-s.BusyNodes, 0), 0, max(d.Target, s.BusyNodes)
			if again := f.Decide(s); again.Target != d.Target {
				t.Fatalf("%+v, and then %+v of %+v", d, again, s)
			}
		}
	}
}

func TestReasons(t *testing.T) {
	f, err := Compile(Default)
	if err != nil {
		t.Fatal(err)
	}
	for want, s := range map[string]Signals{
		"there is no work": {NextRunSeconds: Never, Max: 8},
		"there is no work; the next run is due in 33 min":                     {NextRunSeconds: 2000, Max: 8, StartupSeconds: 90},
		"the next run is due in 80 s, and a start takes 90 s":                 {NextRunSeconds: 80, NextRunNodes: 2, Max: 8, StartupSeconds: 90},
		"12 tasks wait, about 1.2 s of work; max allows no more than 3 of 12": {PendingTasks: 12, PendingSeconds: 1.2, NextRunSeconds: Never, Max: 3},
		"there is no work; min is 2":                                          {NextRunSeconds: Never, Min: 2, Max: 3},
	} {
		if d := f.Decide(s); d.Reason != want {
			t.Errorf("%q, want %q", d.Reason, want)
		}
	}
}

// What is no formula is refused, and says why; nothing that is refused is followed.
func TestRefused(t *testing.T) {
	long := "1" + strings.Repeat(" + 1", 2000)
	for text, want := range map[string]string{
		"":                      "empty",
		"pending_tasks +":       "cannot be read",
		"pending_task":          "undeclared",
		"'many'":                "gives string",
		"pending_tasks > 1":     "gives bool",
		"1.0 / 0.0":             "not a number of nodes",
		"0 / 0":                 "not a number of nodes",
		"nodes / pending_tasks": "on trial",
		"[1, 2]":                "must give a number",
		"pending_tasks + 'x'":   "no matching overload",
		long:                    "bytes",
		strings.Repeat("(", 500) + "1" + strings.Repeat(")", 500): "recursion",
		"[1,2,3,4,5,6,7,8,9].map(a, [1,2,3,4,5,6,7,8,9].map(b, [1,2,3,4,5,6,7,8,9].map(c, [1,2,3,4,5,6,7,8,9].map(d, [1,2,3,4,5,6,7,8,9].map(e, a*b*c*d*e))))).size()": "cost",
		"dyn('x')": "and not a number",
	} {
		f, err := Compile(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, %v; want %q", text, f, err, want)
		}
	}
}

// However long what is wrong is, the error says where in few words.
func TestMistakesAreShort(t *testing.T) {
	for text, want := range map[string]string{
		"nodes + nodse":                                          `line 1, column 9, at "nodes + nodse": undeclared`,
		"nodes +\n  1 +\n  * 2":                                  `line 3, column 3, at "  * 2": Syntax error`,
		"size([" + strings.Repeat("1, ", 900) + "x1])":           `line 1, column 2707, at "…1, 1, 1, 1, 1, 1, 1, 1, x1])": undeclared`,
		strings.Repeat("é", 2000):                                `line 1, column 1, at "éééééééééééééééééééééééé…": `,
		strings.Repeat("x", 4000):                                "undeclared",
		"size([" + strings.Repeat("a1, ", 800) + "1])":           "; and more",
		"'" + strings.Repeat("x", 4000):                          "Syntax error",
		"size('" + strings.Repeat("x", 4000) + "') + {'a': 1}.b": "",
	} {
		_, err := Compile(text)
		if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 1500 {
			t.Errorf("%.60q: %v; want %s", text, err, want)
		}
	}
}

// A formula that fails later leaves the nodes as they are.
func TestFails(t *testing.T) {
	f, err := Compile("nodes == 7 ? 1 / (nodes - 7) : 2")
	if err != nil {
		t.Fatal(err)
	}
	if d := f.Decide(Signals{Nodes: 7, Max: 5}); d.Target != 5 || d.Error == "" {
		t.Errorf("%+v", d)
	}
	if d := f.Decide(Signals{Nodes: 6, Max: 5}); d.Target != 2 || d.Error != "" {
		t.Errorf("%+v", d)
	}
}

func FuzzCompile(f *testing.F) {
	for _, text := range []string{Default, "1", "pending_tasks / 10", "math.least(1, 2)", "[1].map(x, x)[0]", "nodes == 7 ? 1/(nodes-7) : 2", "'a' + 'b'"} {
		f.Add(text)
	}
	r := rand.New(rand.NewPCG(5, 6))
	s := random(r)
	f.Fuzz(func(t *testing.T, text string) {
		formula, err := Compile(text)
		if err != nil {
			return
		}
		if d := formula.Decide(s); d.Target < s.Min || d.Target > s.Max {
			t.Errorf("%q: %+v", text, d)
		}
	})
}

func BenchmarkDecide(b *testing.B) {
	f, err := Compile(Default)
	if err != nil {
		b.Fatal(err)
	}
	s := random(rand.New(rand.NewPCG(7, 8)))
	s.PendingTasks, s.PendingSeconds = 100, 20
	b.ReportAllocs()
	for b.Loop() {
		f.Decide(s)
	}
}
