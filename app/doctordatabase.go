package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/internal/counted"
	"github.com/fleetscore/fleetscore/ledger"
	"github.com/fleetscore/fleetscore/run"
)

// fewConnections is how many a service makes: one that writes, and those that read.
const fewConnections = 5

// checkDatabase looks at a ledger in PostgreSQL.
func (d *doctor) checkDatabase(ctx context.Context) {
	const check = "ledger"
	place := d.file.Database
	begun := time.Now()
	s, err := ledger.Examine(ctx, place)
	if err != nil {
		text, shown := err.Error(), ledger.Shown(place)
		if !strings.Contains(text, shown) {
			text = shown + ": " + text
		}
		d.fail(check, text, databaseHint(err))
		return
	}
	d.ok(check, "%s: PostgreSQL %s, schema %s, answers in %s", ledger.Shown(place), s.Postgres, s.Schema, time.Since(begun).Round(time.Millisecond))
	d.checkTables(&s)
	d.checkHolder(&s)
	if s.Unproven {
		d.warn(check, "the server does not prove who it is, so others between may read and change what goes over the network", "give sslmode=verify-full in the URL, and sslrootcert if its issuer is your own")
	}
	if needed := fewConnections; !d.running && s.Free < needed {
		d.warn(check, fmt.Sprintf("the user may make %d more connections, and a service makes %d", max(s.Free, 0), needed), "raise max_connections of the server, or the CONNECTION LIMIT of the role or the database, or end others")
	}
	if most := time.Minute; s.Ahead > most || s.Ahead < -most {
		d.warn("clock", fmt.Sprintf("the database's clock is %s from this machine's", s.Ahead.Round(time.Second)), "have both set by NTP: who takes over goes on with times of the one before")
	}
	d.checkContents(check, s.Copy)
}

func databaseHint(err error) string {
	switch {
	case errors.Is(err, ledger.ErrAway):
		return "is it running, and do host, port and network lead to it? Of too many clients: raise max_connections. A service that is active waits for it, others stand by"
	case errors.Is(err, ledger.ErrNewer):
		return "update this machine's fleetscore"
	default:
		return "docs/availability.md says what is needed of the database, its schema and its user"
	}
}

// checkTables tells whether the user may do what a service does.
func (d *doctor) checkTables(s *ledger.Server) {
	const check = "ledger"
	own := fmt.Sprintf("have its user own the schema %s and the tables in it", s.Schema)
	switch {
	case len(s.Lacks) > 0:
		d.fail(check, "the user may not read and change "+strings.Join(s.Lacks, ", "), own)
	case s.Version == s.Knows:
		d.ok(check, "its tables are of version %d, as this program's: %s, %s", s.Version, counted.Of(s.Jobs, "job"), counted.Of(s.Runs, "run"))
	case !s.MayMake:
		d.fail(check, fmt.Sprintf("the user may not make tables in the schema %s, as fleetscore up must", s.Schema), "GRANT USAGE, CREATE ON SCHEMA to it, or "+own)
	case s.Version == 0:
		d.ok(check, "there are no tables yet; fleetscore up makes them")
	case !s.Owns:
		d.fail(check, fmt.Sprintf("its tables are of version %d, and the user may not bring them to %d, as fleetscore up must", s.Version, s.Knows), own)
	default:
		d.warn(check, fmt.Sprintf("its tables are of version %d; fleetscore up brings them to %d", s.Version, s.Knows), "programs of before cannot open it after that: update them all, the one that stands by first")
	}
}

// checkHolder tells which service is the active one.
func (d *doctor) checkHolder(s *ledger.Server) {
	const check = "ledger"
	switch {
	case s.Holder != "" && d.standing:
		d.ok(check, "%s has it, and the service here stands by", s.Holder)
	case s.Holder != "" && d.running:
		d.ok(check, "%s has it", s.Holder)
	case s.Holder != "":
		d.ok(check, "%s has it; a service that is started here stands by", s.Holder)
	case d.running:
		d.warn(check, "no process has it, and a service runs at "+d.access.URL, "it may be taking over, or have another database: look again in a moment, and at its log")
	case s.Last != "":
		d.ok(check, "no process has it; the last was %s", s.Last)
	case s.Version > 0:
		d.ok(check, "no process has it")
	}
}

// checkContents looks whether a ledger is of this deployment and time.
func (d *doctor) checkContents(check string, c ledger.Copy) {
	if made, ok := run.RunTime(c.Newest); ok && time.Until(made) > time.Minute {
		d.warn("clock", fmt.Sprintf("the newest run was made at %s, which is to come: the clock was set back", made.Format(time.RFC3339)), "set it right, or wait; nothing is fired until then")
	}
	at, err := parseLocation(d.file.Store)
	if known := c.Settings[identityName]; err == nil && !at.remote() && known != "" {
		if id, err := readIdentity(filepath.Join(at.path, config.StateName)); err != nil || id != known {
			d.fail(check, "it is the ledger of another store than "+at.shown(), "is that mounted? Another store needs another folder for data, or another database or schema")
		}
	}
}
