package web

import "fmt"

// Role is what a token allows. A higher one allows all that a lower one does.
type Role int

// The roles. Nobody is no role: what needs it, anyone may.
const (
	Nobody   Role = iota
	Viewer        // reads
	Operator      // starts, stops and repeats runs, pauses jobs
	Admin         // all
)

// roleNames are the roles as they are written.
func roleNames() []string { return []string{"nobody", "viewer", "operator", "admin"} }

// String is the role as it is written.
func (r Role) String() string {
	if r < Nobody || r > Admin {
		return fmt.Sprintf("Role(%d)", int(r))
	}
	return roleNames()[r]
}

// ParseRole reads the role of a token.
func ParseRole(text string) (Role, error) {
	for r := Viewer; r <= Admin; r++ {
		if r.String() == text {
			return r, nil
		}
	}
	return Nobody, fmt.Errorf("%.40q is no role; there are viewer, operator and admin", text)
}
