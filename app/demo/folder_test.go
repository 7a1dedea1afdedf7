package demo

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fleetscore/fleetscore/app"
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/sklearn"
)

// TestModels: each sensor of a fleet of any size has a model that is scored natively,
// and no other has one; a model finds normal what is, and no more.
func TestModels(t *testing.T) {
	for _, devices := range []int{1, 9, 10, MostDevices} {
		c := Config{Devices: devices, Rate: 10}
		f, err := c.fleet(time.Now())
		if err != nil {
			t.Fatal(err)
		}
		folder := t.TempDir()
		if err := unpackModels(folder, devices); err != nil {
			t.Fatal(err)
		}
		if found, _ := filepath.Glob(folder + "/*/*"); len(found) != devices*Tags {
			t.Errorf("%d devices have %d models", devices, len(found))
		}
		for n := range devices * Tags {
			sensor, profile := f.Config().Sensor(n), f.Config().Profile(n)
			for value, normal := range map[float64]bool{profile.Base: true, profile.Base + 1.2*profile.Reach(): false, profile.Base - 1.2*profile.Reach(): false} {
				if score := scoreOf(t, folder, sensor, value); (score > 0) != normal {
					t.Errorf("%s: %g has the score %g", sensor, value, score)
				}
			}
		}
	}
}

func scoreOf(t *testing.T, folder string, s fleet.Sensor, value float64) float64 {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, s.Device, s.Tag+".pkl"))
	if err != nil {
		t.Fatal(err)
	}
	model, err := sklearn.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	var scores sklearn.Scores
	if err := model.Score(sklearn.Column([]float64{value}), &scores); err != nil {
		t.Fatal(err)
	}
	return scores.Decision[0]
}

// TestFolder: a demo writes into its own folders only.
func TestFolder(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	f, err := openFolder("")
	if err != nil || f.kept || filepath.Dir(f.path) != temporary {
		t.Fatalf("%+v, %v", f, err)
	}
	if err := f.close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("%v is left: %v", left, err)
	}
	own := filepath.Join(temporary, "a", "b")
	for range 2 { // new, and its own
		f, err := openFolder(own)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.writeSettings("127.0.0.1:0", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		if err := f.close(); err != nil {
			t.Fatal(err)
		}
	}
	settings := filepath.Join(own, settingsName)
	file, err := app.LoadSettingsWith(settings, nil)
	if err != nil || file.Windows["5s"].Every.Std() != window || len(file.Jobs) != 1 {
		t.Errorf("settings: %+v, %v", file, err)
	}
	if err := os.WriteFile(settings, []byte("store: ./mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openFolder(own); err == nil {
		t.Error("somebody's own folder is taken")
	}
}

func TestValidate(t *testing.T) {
	good := Config{Devices: 1, Rate: 1}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for _, bad := range []Config{{Devices: 0, Rate: 1}, {Devices: MostDevices + 1, Rate: 1}, {Devices: 1, Rate: 0.5}, {Devices: 1, Rate: 1, Anomalies: 0.6}} {
		if bad.Validate() == nil {
			t.Errorf("%+v is valid", bad)
		}
	}
}
