package app

import (
	"errors"
	"io/fs"

	"github.com/fleetscore/fleetscore/config"
)

// reread reads the settings anew. A file that is gone, or says nothing any more, is
// taken for a slip, of an editor or a mount, and not for the wish to have no jobs.
func (a *App) reread() (*config.File, error) {
	before := a.settings()
	next, err := LoadSettings(a.opt.ConfigPath)
	slip := ""
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && before.Path != "" && next.Path == "":
		slip = "the settings file is gone; bring it back"
	case err != nil:
		return nil, err
	case next.Empty && !before.Empty:
		slip = "the settings file is empty; bring back what it said, or write jobs: {} to have no jobs"
	case next.Jobs == nil && len(before.Jobs) > 0:
		slip = "the settings file has no jobs any more; write jobs: {} if that is meant"
	}
	if slip != "" {
		return nil, config.Problems{{File: before.Path, Message: slip}}
	}
	return next, nil
}
