package notify

import (
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/ledger"
)

// mutes are those in force for one run, and what it says of their sensors.
type mutes struct {
	all       []ledger.Mute
	ill, well []bool // whether any of a mute's sensors is
}

// mutesFor picks the mutes that are of a run's job.
func mutesFor(all []ledger.Mute, run *ledger.Run) *mutes {
	m := &mutes{}
	for _, mute := range all {
		if mute.Job == "" || mute.Job == run.Job {
			m.all = append(m.all, mute)
		}
	}
	m.ill, m.well = make([]bool, len(m.all)), make([]bool, len(m.all))
	return m
}

// see takes in what became of a sensor, and reports whether it is muted.
func (m *mutes) see(s fleet.Sensor, ill, well bool) bool {
	if len(m.all) == 0 || !ill && !well {
		return false
	}
	muted, name := false, s.String()
	for i := range m.all {
		if (muted && !m.all[i].Recovered) || !Match(m.all[i].Pattern, name) {
			continue
		}
		muted = true
		m.ill[i], m.well[i] = m.ill[i] || ill, m.well[i] || well
	}
	return muted
}

// recovered lists the acknowledgements whose sensors are well again, by data that
// is newer than they are.
func (m *mutes) recovered(run *ledger.Run) []ledger.Mute {
	var over []ledger.Mute
	for i, mute := range m.all {
		if mute.Recovered && m.well[i] && !m.ill[i] && run.Interval.To.After(mute.Created) {
			over = append(over, mute)
		}
	}
	return over
}
