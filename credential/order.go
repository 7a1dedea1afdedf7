package credential

import (
	"fmt"
	"regexp"
	"time"
)

// Longest is for how long a token can be valid that expires.
const Longest = 10 * 366 * 24 * time.Hour

// Order is what is wanted of a token.
type Order struct {
	Name    string // of a signed token it may be empty
	Role    Role
	Devices Patterns  // of the role Device, and only of it
	Expires time.Time // zero: never, which a signed token cannot
	Maker   string    // who orders it
}

var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// check is ErrInvalid with what is wrong.
func (o Order) check(now time.Time, taken func(string) bool) error {
	refuse := func(format string, args ...any) error {
		return fmt.Errorf("%w: %w", ErrInvalid, fmt.Errorf(format, args...))
	}
	switch {
	case !nameForm.MatchString(o.Name):
		return refuse("%.80q is no name of a token: it has 1 to 64 characters: a-z, A-Z, 0-9, and after the first . _ -", o.Name)
	case taken(o.Name):
		return refuse("%s is the name of a token that is given", o.Name)
	case o.Role < Viewer || o.Role > Device:
		return refuse("a token needs a role: viewer, operator, admin or device")
	case o.Role != Device && len(o.Devices) > 0:
		return refuse("patterns of devices are for the role device; %s is another", o.Role)
	case !o.Expires.IsZero() && !o.Expires.After(now):
		return refuse("it would have expired at %s", o.Expires.UTC().Format(time.RFC3339))
	case o.Expires.Sub(now) > Longest:
		return refuse("it would be valid until %s; the most are ten years", o.Expires.UTC().Format(time.RFC3339))
	}
	if o.Role == Device {
		if err := o.Devices.Check(); err != nil {
			return refuse("%w", err)
		}
	}
	return nil
}
