package run_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/run"
	"github.com/fleetscore/fleetscore/score/predictions"
	"github.com/fleetscore/fleetscore/store/memstore"
	"github.com/fleetscore/fleetscore/store/tile"
)

func (p *plant) verify() (*run.Verification, error) {
	v := run.Verifier{Store: p.store, Rows: func(_ context.Context, key string, data []byte, each func(run.Row)) error {
		return predictions.Read(key, data, func(r predictions.Row) error {
			each(run.Row{Sensor: r.Sensor, Time: r.Time, Anomaly: r.Anomaly, Run: r.Run, Rev: r.Rev})
			return nil
		})
	}}
	return v.Verify(context.Background())
}

// scene is a store with a commit that has something of everything.
type scene struct {
	*plant
	commit *fleet.Commit
	key    string
}

func newScene(t *testing.T) scene {
	p := newPlant(t, 12)
	p.job.MaxSensors = 4
	for _, key := range []string{"models/silent/t.pkl", "models/bad/t.pkl"} {
		p.put(key, []byte("no model"))
	}
	data, err := p.store.Get(t.Context(), "readings.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	p.put("readings.csv", append(data, "2026-11-23T12:02:00Z,d000,t0,900\n2026-11-23T12:02:00Z,d001,t0,x\n2026-11-23T12:00:00Z,bad,t,1\n2026-11-23T12:00:00Z,none,t,1\n,,,\n"...))
	p.start()
	p.until(p.add().ID, final)
	c := p.proven(1)
	if c.Scored != 12 || c.Failed != 3 || c.Silent != 1 || c.Anomalies == 0 || c.Orphans != 1 || len(c.Tasks) < 3 {
		t.Fatalf("%d tasks, %+v", len(c.Tasks), c.Counts)
	}
	return scene{p, c, fleet.CommitKey(p.job.Name, hour, 1)}
}

// copied is the same in a store of its own.
func (s scene) copied(t *testing.T) scene {
	p := &plant{t: t, store: memstore.New(), job: s.job}
	for info, err := range s.store.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		data, err := s.store.Get(t.Context(), info.Key, nil)
		if err != nil {
			t.Fatal(err)
		}
		p.put(info.Key, data)
	}
	s.plant = p
	return s
}

// home is the task that has a sensor.
func (s scene) home(device, tag string) *fleet.CommitTask {
	i := slices.IndexFunc(s.commit.Tasks, func(t fleet.CommitTask) bool {
		return t.Part.Covers(fleet.Sensor{Device: device, Tag: tag}, partitions)
	})
	return &s.commit.Tasks[i]
}

func (s scene) editCommit(edit func(*fleet.Commit)) {
	c, err := run.ReadCommit(s.t.Context(), s.store, s.key)
	if err != nil {
		s.t.Fatal(err)
	}
	edit(c)
	s.putJSON(s.key, c, nil)
}

func (s scene) putJSON(key string, v any, rest []byte) {
	head, err := json.Marshal(v)
	if err != nil {
		s.t.Fatal(err)
	}
	s.put(key, append(head, rest...))
}

// editResult changes the result of the task that has none/t, which failed.
func (s scene) editResult(edit func(*fleet.Result)) {
	r, fates, err := run.ReadResult(s.t.Context(), s.store, s.home("none", "t").Task)
	if err != nil {
		s.t.Fatal(err)
	}
	edit(&r)
	s.putJSON(fleet.ResultKey(r.Task), r, append([]byte{'\n'}, fates...))
}

// editFate changes what the tile says of a sensor.
func (s scene) editFate(device, tag string, to tile.Fate) {
	t, err := tile.Read(s.t.Context(), s.store, s.commit.Tile)
	if err != nil {
		s.t.Fatal(err)
	}
	entries := slices.Collect(t.All())
	entries[t.Search(fleet.Sensor{Device: device, Tag: tag})].Fate = to
	if err := tile.Write(s.t.Context(), s.store, s.commit.Tile, entries); err != nil {
		s.t.Fatal(err)
	}
}

func (s scene) file() string { return s.home("d000", "t0").Files[0].Key }

// Whatever is changed in a store is found, once, and it is said what to do.
func TestVerifyFindsEachCauseOnce(t *testing.T) {
	whole := newScene(t)
	result := fleet.ResultKey(whole.home("none", "t").Task)
	noResults := func(s scene) { s.remove("runs/") }
	for name, c := range map[string]struct {
		change    func(scene)
		key, what string
	}{
		"a file is gone":           {func(s scene) { s.remove(s.file()) }, whole.file(), "it counts, and is not there"},
		"a file is damaged":        {func(s scene) { s.put(s.file(), []byte("torn")) }, whole.file(), "it has 4 bytes of digest"},
		"a commit is damaged":      {func(s scene) { s.put(s.key, []byte("{")) }, whole.key, "is damaged"},
		"a commit is another's":    {func(s scene) { s.editCommit(func(c *fleet.Commit) { c.Rev++ }) }, whole.key, "it says that it is commits/"},
		"a file is named twice":    {func(s scene) { s.editCommit(func(c *fleet.Commit) { c.Tasks[1].Files = c.Tasks[0].Files }) }, whole.commit.Tasks[0].Files[0].Key, "it counts twice"},
		"a task is left out":       {func(s scene) { s.editCommit(func(c *fleet.Commit) { c.Tasks = c.Tasks[1:] }) }, whole.key, "not in the part of exactly one task"},
		"a part is empty":          {func(s scene) { s.editCommit(func(c *fleet.Commit) { c.Tasks = nil }) }, whole.key, "not in the part of exactly one task"},
		"a part is smaller":        {func(s scene) { s.editCommit(func(c *fleet.Commit) { p := &c.Tasks[0].Part; p.Low, p.High = 1, 1 }) }, whole.commit.Tasks[0].Files[0].Key, "it has a row that is not in the part of its task"},
		"a sum":                    {func(s scene) { s.editCommit(func(c *fleet.Commit) { c.Readings++ }) }, whole.key, "it says readings"},
		"a sum of causes":          {func(s scene) { s.editCommit(func(c *fleet.Commit) { c.Causes[0].Sensors++ }) }, whole.key, "not 1, "},
		"a cause":                  {func(s scene) { s.editCommit(func(c *fleet.Commit) { c.Causes[0].Cause = "%s" }) }, whole.key, "as in the sums of its tasks"},
		"scored sensors of a task": {func(s scene) { s.editCommit(func(c *fleet.Commit) { c.Tasks[0].Scored++ }) }, whole.key, "as in its files"},
		"anomalies of a task":      {func(s scene) { s.editCommit(func(c *fleet.Commit) { c.Tasks[0].Anomalies++ }) }, whole.key, "it says anomalies"},
		"readings of a task":       {func(s scene) { s.editCommit(func(c *fleet.Commit) { c.Tasks[0].Readings++ }) }, whole.key, "it says readings"},
		"a cause of a task":        {func(s scene) { s.editCommit(func(c *fleet.Commit) { taskOf(c, &s).Causes[0].Cause = fleet.Crashed }) }, whole.key, "failed of crashed: sensors 1"},
		"failed, no results":       {func(s scene) { noResults(s); s.editCommit(func(c *fleet.Commit) { c.Tasks[0].Failed++ }) }, whole.key, "as in tiles/"},
		"a cause, no results": {func(s scene) {
			noResults(s)
			s.editCommit(func(c *fleet.Commit) { taskOf(c, &s).Causes[0].Cause = fleet.Crashed })
		}, whole.key, "as in tiles/"},
		"a cause in all, no results":  {func(s scene) { noResults(s); s.editCommit(renameCause) }, whole.key, "as in tiles/"},
		"normal is anomalous":         {func(s scene) { s.editFate("d002", "t0", tile.Anomalous) }, whole.commit.Tile, "that d002/t0 is anomalous; none of its predictions is an anomaly"},
		"anomalous is normal":         {func(s scene) { s.editFate("d000", "t0", tile.Normal) }, whole.commit.Tile, "that d000/t0 is normal; it has anomalies: "},
		"silent is scored":            {func(s scene) { s.editFate("silent", "t", tile.Normal) }, whole.commit.Tile, "that silent/t is normal; it has no predictions"},
		"normal is silent":            {func(s scene) { s.editFate("d002", "t0", tile.Silent) }, whole.commit.Tile, "that d002/t0 is silent; it has predictions: 2"},
		"silent is failed":            {func(s scene) { s.editFate("silent", "t", tile.Failed(fleet.NoModel, false)) }, whole.commit.Tile, "it says that silent/t is no_model, not silent as in runs/"},
		"silent is failed, no result": {func(s scene) { noResults(s); s.editFate("silent", "t", tile.Failed(fleet.NoModel, false)) }, whole.key, "as in tiles/"},
		"silent is unknown":           {func(s scene) { s.editFate("silent", "t", tile.Unknown) }, whole.commit.Tile, "that silent/t is unknown"},
		"a tile is gone":              {func(s scene) { s.remove("tiles/hourly") }, whole.commit.Tile, "it is not there"},
		"a tile is damaged":           {func(s scene) { s.put(s.commit.Tile, []byte("{}")) }, whole.commit.Tile, "damaged tile"},
		"another tile":                {func(s scene) { s.editCommit(func(c *fleet.Commit) { c.Tile += "x" }) }, whole.key, "it says that its tile is"},
		"a result is damaged":         {func(s scene) { s.put(result, []byte("{")) }, result, "is damaged"},
		"a count of a result":         {func(s scene) { s.editResult(func(r *fleet.Result) { r.Failed++ }) }, result, "as in what it lists"},
		"readings of a result":        {func(s scene) { s.editResult(func(r *fleet.Result) { r.Readings++ }) }, result, "it says readings"},
		"a cause of a result":         {func(s scene) { s.editResult(func(r *fleet.Result) { r.Causes[0].Cause = fleet.Crashed }) }, result, "as in what it lists"},
		"a failure of a result":       {func(s scene) { s.editResult(func(r *fleet.Result) { r.Failures[0].Cause = fleet.Crashed }) }, result, "as in what it lists"},
		"a file of a result": {func(s scene) {
			s.editResult(func(r *fleet.Result) { r.Outputs = append(r.Outputs, fleet.Output{Key: "x"}) })
		}, result, "it names other files"},
	} {
		t.Run(name, func(t *testing.T) {
			s := whole.copied(t)
			c.change(s)
			found, err := s.verify()
			if err != nil || len(found.Problems) != 1 {
				t.Fatalf("%d problems, %v: %+v", len(found.Problems), err, found.Problems)
			}
			if p := found.Problems[0]; p.Key != c.key || !strings.Contains(p.What, c.what) || p.Hint == "" || strings.Contains(p.What, "%!") {
				t.Errorf("%s: %s; %s\nand is to be\n%s: …%s…", p.Key, p.What, p.Hint, c.key, c.what)
			}
			if strings.HasPrefix(name, "a commit") && len(found.Orphans) > 0 {
				t.Errorf("files are told as orphans of which it is not known whether they count: %+v", found.Orphans)
			}
		})
	}
}

// taskOf is the task of a commit that has none/t.
func taskOf(c *fleet.Commit, s *scene) *fleet.CommitTask {
	return scene{plant: s.plant, commit: c}.home("none", "t")
}

// renameCause makes no_model another cause wherever a commit has it.
func renameCause(c *fleet.Commit) {
	groups := [][]fleet.Group{c.Causes}
	for i := range c.Tasks {
		groups = append(groups, c.Tasks[i].Causes)
	}
	for _, all := range groups {
		for i := range all {
			if all[i].Cause == fleet.NoModel {
				all[i].Cause = fleet.Crashed
			}
		}
	}
}

// A tile comes back from results; without them the interval is scored again.
func TestVerifyKnowsHowATileComesBack(t *testing.T) {
	for _, torn := range []bool{false, true} {
		s := newScene(t)
		s.remove("tiles/hourly")
		if torn {
			s.put(s.commit.Tile, []byte("{}"))
		}
		with, err := s.verify()
		s.remove(fleet.ResultKey(s.commit.Tasks[0].Task))
		without, err2 := s.verify()
		if err != nil || err2 != nil || len(with.Problems) != 1 || len(without.Problems) != 1 {
			t.Fatalf("%+v, %v\n%+v, %v", with, err, without, err2)
		}
		if hint := with.Problems[0].Hint; !strings.HasSuffix(hint, "makes it again from the results") || strings.HasPrefix(hint, "delete it") != torn {
			t.Errorf("with results: %s", hint)
		}
		if hint := without.Problems[0].Hint; hint != "score the interval again: fleetscore job run hourly --interval "+hour.String() {
			t.Errorf("without results: %s", hint)
		}
	}
}

// A result that is past its time is missed by nobody.
func TestVerifyWithoutResults(t *testing.T) {
	s := newScene(t)
	before, err := s.verify()
	s.remove("runs/")
	after, err2 := s.verify()
	if err != nil || err2 != nil || len(after.Problems) > 0 || before.Results != len(s.commit.Tasks) || after.Results != 0 {
		t.Errorf("%+v, %v\n%+v, %v", before, err, after, err2)
	}
}

// What was not committed is told, by the schedule, and is no problem.
func TestVerifyTellsGapsAndOrphans(t *testing.T) {
	s := newScene(t)
	interval := func(n int) fleet.Interval {
		return fleet.NewInterval(hour.From.Add(time.Duration(n)*time.Hour), hour.To.Add(time.Duration(n)*time.Hour))
	}
	for n := range 4 {
		r, err := s.service.Add(t.Context(), s.job.Name, interval(n+1), "manual")
		if err != nil {
			t.Fatal(err)
		}
		s.until(r.ID, final)
	}
	s.remove("commits/hourly/" + interval(1).Key())
	s.remove("commits/hourly/" + interval(2).Key())
	for _, due := range []struct {
		parts, whole int
		known        bool
		gaps         int
		told, hint   string
	}{
		{0, 0, true, 0, "", ""},
		{0, 0, false, 1, "which intervals should be there is not known", ""},
		{1, 0, true, 1, "no whole interval of the schedule that it has now", ""},
		{3, 2, true, 1, "there are whole intervals of its schedule: 2", "to score them: fleetscore backfill hourly --from 2026-11-23T13:00:00Z --to 2026-11-23T15:00:00Z --only missing"},
	} {
		v := run.Verifier{Store: s.store, Due: func(job string, from, to time.Time) (parts, whole int, known bool) {
			if job != "hourly" || !from.Equal(interval(1).From) || !to.Equal(interval(2).To) {
				t.Errorf("%s from %s to %s", job, from, to)
			}
			return due.parts, due.whole, due.known
		}}
		found, err := v.Verify(t.Context())
		if err != nil || len(found.Problems) > 0 || len(found.Gaps) != due.gaps || len(found.Orphans) == 0 {
			t.Fatalf("%+v due: %+v, %v", due, found, err)
		}
		if due.gaps > 0 && (!strings.Contains(found.Gaps[0].What, due.told) || found.Gaps[0].Hint != due.hint) {
			t.Errorf("%+v", found.Gaps[0])
		}
		for _, o := range found.Orphans {
			// Of the other intervals there are attempts that do not count.
			gone := strings.Contains(o.Key, "/hour=13/") || strings.Contains(o.Key, "/hour=14/")
			if told := strings.Contains(o.What, "nothing of its interval was committed") && o.Hint != ""; told != gone {
				t.Errorf("%+v", o)
			}
		}
	}
}
