package credential

import "fmt"

// Role is what a token allows.
type Role int

// The roles. Nobody is no role: what needs it, anyone may. Operator and Admin may
// what the ones before them may.
const (
	Nobody   Role = iota
	Viewer        // reads
	Operator      // starts, stops and repeats runs, pauses jobs, sends readings
	Admin         // all
	Device        // sends readings of some devices, and nothing else
)

// roleNames are the roles as they are written.
func roleNames() []string { return []string{"nobody", "viewer", "operator", "admin", "device"} }

// String is the role as it is written.
func (r Role) String() string {
	if r < Nobody || r > Device {
		return fmt.Sprintf("Role(%d)", int(r))
	}
	return roleNames()[r]
}

// Allows reports whether a token of this role may do what needs another. A viewer
// sends no readings, and a device reads nothing.
func (r Role) Allows(needed Role) bool {
	switch {
	case needed == Nobody, r == needed:
		return true
	case needed == Device:
		return r == Operator || r == Admin
	}
	return r != Device && r >= needed
}

// ParseRole reads the role of a token.
func ParseRole(text string) (Role, error) {
	for r := Viewer; r <= Device; r++ {
		if r.String() == text {
			return r, nil
		}
	}
	return Nobody, fmt.Errorf("%.40q is no role; there are viewer, operator, admin and device", text)
}
