// Package demo has everything happen at once on one machine, and judges it: a
// simulated fleet publishes readings by MQTT to a real service, which makes short
// windows of them and scores each window a few seconds later, on nodes that come and
// go. What was planted in the fleet is known, so what the service has found can be told.
//
//	state, err := demo.Run(ctx, demo.Config{Devices: 40, Rate: 10, Anomalies: 0.04, Command: command, Progress: print})
//
// The service is an app.App with settings made for it, in a folder of its own. All
// that is known of it comes from its API, as it would for anyone else.
//
// # Models
//
// models.tar.gz has a model for each sensor of the largest fleet there is,
// trained by scikit-learn (generate.py). Sensors depend on a fixed seed, so models fit
// whatever the demo's seed is: that is of what happens, simulate.Config.Luck. Models
// know the mean of a window, so a line that is flat within its usual values is nothing they
// could see, and is not planted.
//
// # Judgement
//
// An anomaly is found if a window that overlaps it is anomalous, by what counts when it
// is looked at; missed, if all windows that overlap it were scored and none is; until
// then it is not yet scored. An anomalous window that overlaps none is a false alarm. A
// run's interval is as long as a window, so what became of a sensor in a run is
// what became of its window.
package demo
