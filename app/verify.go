package app

import (
	"context"
	"errors"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/fleet"
	"github.com/fleetscore/fleetscore/run"
	"github.com/fleetscore/fleetscore/score/predictions"
)

// Verification is what VerifyStore finds.
type Verification = run.Verification

// Problem is one thing that it finds.
type Problem = run.Problem

// VerifyStore reads all that commits name, and says what is not as it must be. It
// needs no service, only the store.
func VerifyStore(ctx context.Context, file *config.File, progress func(key string)) (out *run.Verification, err error) {
	l, err := parseLocation(file.Store)
	if err != nil {
		return nil, err
	}
	s, err := openExisting(ctx, l)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	v := run.Verifier{Store: s, Rows: rowsOf, Progress: progress}
	return v.Verify(ctx)
}

func rowsOf(_ context.Context, key string, data []byte, row func(s fleet.Sensor, ns int64, run string, rev int)) error {
	return predictions.Read(key, data, func(r predictions.Row) error {
		row(r.Sensor, r.Time, r.Run, r.Rev)
		return nil
	})
}
