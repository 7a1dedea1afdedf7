package app

import (
	"testing"

	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/store/tile"
	"github.com/fleetscore/fleetscore/web"
)

// A fate is shown as what it is, and one that is not known as nothing else.
func TestFateOf(t *testing.T) {
	for fate, want := range map[tile.Fate]web.SensorFate{
		tile.Normal:                             {Fate: web.FateScored},
		tile.Anomalous:                          {Fate: web.FateAnomalous},
		tile.Silent:                             {Fate: web.FateSilent},
		tile.Skipped:                            {Fate: web.FateSkipped},
		tile.Failed(fleet.NoModel, false):       {Fate: web.FateFailed, Cause: fleet.NoModel},
		tile.Failed(fleet.MissingFeature, true): {Fate: web.FateScored, Cause: fleet.MissingFeature},
		tile.Unknown:                            {Fate: web.FateUnknown},
		5:                                       {Fate: web.FateUnknown},
		128:                                     {Fate: web.FateUnknown},
	} {
		if got := fateOf(tile.Entry{Fate: fate}); got != want {
			t.Errorf("fate %d is shown as %+v, not %+v", fate, got, want)
		}
	}
}
