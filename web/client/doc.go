// Package client speaks to the API of a deployment, as the command line does.
//
//	c, err := client.New("http://127.0.0.1:8321", token)
//	if err != nil {
//		return err
//	}
//	run, err := c.RunJob(ctx, "hourly", web.RunRequest{})
//	for event, err := range c.Events(ctx, run.ID) {
//		if err != nil {
//			return err
//		}
//		if event.Run != nil && event.Run.Final() {
//			break
//		}
//	}
//
// # Invariants
//
//   - A token is sent to the address that New was given and to no other, and not
//     without TLS unless that is this machine.
//   - What the service answers is bounded before it is believed, streams excepted.
//   - An error of the service is an *Error, with its code and hint; if nobody
//     answers at all, it is ErrNotRunning.
package client
