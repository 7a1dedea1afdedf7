package web

import "github.com/fleetscore/fleetscore/credential"

// Role is what a token allows.
type Role = credential.Role

// The roles, as package credential has them.
const (
	Nobody   = credential.Nobody
	Viewer   = credential.Viewer
	Operator = credential.Operator
	Admin    = credential.Admin
	Device   = credential.Device
)
