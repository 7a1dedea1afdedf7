package app

import "github.com/fleetscore/fleetscore/web"

// views are the read models, for the API.
type views struct {
	meterView
	spender
	fleetView
	objectView
	modelView
	sensorView
	*chartView
}

var _ web.Views = views{}
