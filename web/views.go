package web

// Views are the read models that pages are made of.
type Views interface {
	Meter
	Spender
	Fleet
	Objects
	Models
	Sensors
	Charts
}
