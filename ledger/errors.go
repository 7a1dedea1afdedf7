package ledger

import "errors"

// What a caller can tell apart, by errors.Is.
var (
	ErrNotFound = errors.New("not in the ledger")
	// ErrExists is a name that is taken.
	ErrExists = errors.New("there is one of that name")
	// ErrActive is a run that cannot be made while another of its job and interval
	// is not over.
	ErrActive = errors.New("a run of that job and interval is not over yet")
	// ErrFinal is a run that is over, and cannot change any more.
	ErrFinal = errors.New("the run is over")

	// ErrLocked is a ledger that another process has open; the text names it.
	ErrLocked = errors.New("the ledger is in use")
	// ErrDamaged is a ledger that cannot be read; the text says what to do.
	ErrDamaged = errors.New("the ledger is damaged")
	// ErrNewer is a ledger that a later version of this program has changed.
	ErrNewer = errors.New("the ledger was made by a newer version of fleetscore")
	// ErrForeign is a database that is no ledger.
	ErrForeign = errors.New("the database is not a ledger")
)
