package web

import "time"

// SetPulse sets the time between heartbeats, before the server is asked.
func (s *Server) SetPulse(d time.Duration) { s.pulse = d }
