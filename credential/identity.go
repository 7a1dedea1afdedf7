package credential

import (
	"errors"
	"fmt"
	"time"
)

// What a token can be that is not let in, for errors.Is.
var (
	ErrUnknown = errors.New("this token is not known")
	ErrExpired = errors.New("this token has expired")
	ErrRevoked = errors.New("this token was revoked")
	// ErrInvalid is a token that cannot be made.
	ErrInvalid = errors.New("no token can be made")
	// ErrConflict is what is not possible as things stand.
	ErrConflict = errors.New("not as things stand")
	// ErrNone is that there is no such token or key.
	ErrNone = errors.New("there is none")
)

// TooMany is that an address has sent too many wrong tokens.
type TooMany struct{ After time.Duration } // when it may try again

// Error makes it an error.
func (t TooMany) Error() string {
	return fmt.Sprintf("too many wrong tokens came from this address; it may try again in %s", t.After.Round(time.Second))
}

// Identity is who has shown a token.
type Identity struct {
	ID      string // of the token; "": no ledger has it
	Name    string
	Role    Role
	Devices Patterns  // of the role Device
	Expires time.Time // zero: never

	key string // that has signed it
}

// May reports whether it may send readings of a device.
func (i Identity) May(device string) bool {
	if i.Role == Device {
		return i.Devices.Match(device)
	}
	return i.Role.Allows(Device)
}
