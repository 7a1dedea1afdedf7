package ledger

import "errors"

// LockedError is an ErrLocked.
type LockedError struct {
	By   string // the process that has the ledger, its host and command
	hint string
}

func (e *LockedError) Error() string { return ErrLocked.Error() + " by " + e.By + "; " + e.hint }

// Is makes it an ErrLocked.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

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
	// ErrAway is a database that does not answer; it may in a moment.
	ErrAway = errors.New("the database does not answer")
	// ErrLost is a ledger that another process has taken over; the text names it. This
	// one can change nothing any more.
	ErrLost = errors.New("the ledger was lost")
	// ErrForeign is a database that is no ledger.
	ErrForeign = errors.New("the database is not a ledger")
)
