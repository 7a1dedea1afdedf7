package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/store"
)

// places are where a scoring reads and writes.
type places struct {
	models, output, report location
	hasReport              bool
	data                   []location
}

// findPlaces reads the locations of the settings, and refuses those of which one
// would overwrite another.
func findPlaces(cfg config.Score, predictions store.KeyTemplate, problems *config.Problems) places {
	var p places
	var err error
	p.models, err = parseLocation(cfg.Models)
	problems.Add("--models", err)
	for _, text := range cfg.Data {
		l, err := parseLocation(text)
		problems.Add("--data", err)
		if err == nil {
			p.data = append(p.data, l)
		}
	}
	p.output, err = parseLocation(cfg.Output)
	problems.Add("--out", err)
	if err == nil && cfg.Output != "" {
		problems.Add("--out", p.checkOutput(cfg))
	}
	if p.hasReport = cfg.Report != ""; p.hasReport {
		p.report, err = parseLocation(cfg.Report)
		if err == nil {
			err = p.checkReport(cfg, predictions)
		}
		problems.Add("--report", err)
	}
	return p
}

// checkOutput refuses a folder for predictions from which they would be read as
// readings the next time.
func (p *places) checkOutput(cfg config.Score) error {
	if cfg.Models != "" && p.models.at() == p.output.at() {
		return fmt.Errorf("%s is the folder of models: predictions could take their places; give another one", cfg.Output)
	}
	for _, data := range p.data {
		if data.text != standardInput && data.at() == p.output.at() {
			return fmt.Errorf("%s is a folder of readings: the predictions in it would be read as readings the next time; give another one", cfg.Output)
		}
	}
	return nil
}

// checkReport refuses a report that cannot be written, before hours of work go
// by, or that would take the place of something else.
func (p *places) checkReport(cfg config.Score, predictions store.KeyTemplate) error {
	if special(p.report) {
		return nil
	}
	if err := p.report.checkFile(); err != nil {
		return err
	}
	if _, in := below(p.models.at(), p.report.at()); in && cfg.Models != "" {
		return fmt.Errorf("%s lies in the folder of models; give another name", cfg.Report)
	}
	if p.clashes(p.report.at(), predictions) && cfg.Output != "" {
		return fmt.Errorf("%s is a file of predictions; give another name", cfg.Report)
	}
	return nil
}

// clashes reports whether a place is that of a file of predictions.
func (p *places) clashes(at string, predictions store.KeyTemplate) bool {
	key, in := below(p.output.at(), at)
	if !in {
		return false
	}
	_, match := predictions.Match(key)
	return match || key == predictions.String()
}

// spare refuses an input that the output or the report would replace.
func (p *places) spare(in input, predictions store.KeyTemplate) error {
	switch {
	case in.path == standardInput:
		return nil
	case p.hasReport && p.report.at() == in.at:
		return fmt.Errorf("the report would replace the readings in %s; give another --report", in.name)
	case p.clashes(in.at, predictions):
		return fmt.Errorf("%s is called like a file of predictions and lies in their folder; give another --out", in.name)
	}
	return nil
}

// checkFile says why no file can be written at a location.
func (l location) checkFile() error {
	if l.remote() {
		if l.path == "" {
			return fmt.Errorf("%s is a bucket; give the name of an object in it", l.at())
		}
		return store.CheckKey(l.path)
	}
	if info, err := os.Stat(l.path); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder; give the name of a file in it", l.text)
	}
	if err := store.CheckKey(filepath.Base(l.path)); err != nil {
		return err
	}
	if info, err := os.Stat(filepath.Dir(l.path)); err != nil {
		return fmt.Errorf("the folder of %s: %w", l.text, err)
	} else if !info.IsDir() {
		return fmt.Errorf("%s is not a folder", filepath.Dir(l.path))
	}
	return nil
}

// special reports whether a location is there and neither a file nor a folder, such as /dev/stdout.
func special(l location) bool {
	info, err := os.Stat(l.path)
	return !l.remote() && err == nil && !info.Mode().IsRegular() && !info.IsDir()
}

// there reports whether the store at a location is there: a folder may be made yet.
func (l location) there() bool {
	if l.remote() {
		return true
	}
	info, err := os.Stat(l.path)
	return err == nil && info.IsDir()
}

// errProbe ends the body of an object that is only tried.
var errProbe = errors.New("only tried")

type probeBody struct{}

func (probeBody) Read([]byte) (int, error) { return 0, errProbe }

// probe tries to write, so that a store that cannot be written to is known before
// hours of work. A folder shows nothing of it: a body that fails leaves no object,
// whenever the process is killed. A bucket may not notice a body that fails, so
// there an object is written and deleted, of a name that nobody else has.
func (l location) probe(ctx context.Context, s store.Writer) error {
	const key = "fleetscore-probe"
	if !l.remote() {
		if err := s.Put(ctx, key, probeBody{}); !errors.Is(err, errProbe) {
			return fmt.Errorf("the output %s cannot be written: %w", l.at(), err)
		}
		return nil
	}
	own := key + "-" + rand.Text()
	if err := s.Put(ctx, own, bytes.NewReader(nil)); err != nil {
		return fmt.Errorf("the output %s cannot be written: %w", l.at(), err)
	}
	// Who may write but not delete can still score.
	_ = s.Delete(ctx, own)
	return nil
}
