package webtest

// Views are small read models of what else is here.
type Views struct {
	Meter
	Spender
	Fleet
	Store
	ModelFiles
	Sensors
	Charts
}
