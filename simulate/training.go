package simulate

import "time"

// Training is what a model of the n-th sensor is trained on: means of windows in
// which nothing is wrong, as many as are wanted, spread over all times of the
// day and the whole of the slow drift. They are not those of any Fleet, which has
// other noise.
func (c Config) Training(n int, window time.Duration, windows int) []float64 {
	s := c.Sensor(n)
	key := keyOf(c.Seed, s.Device, s.Tag, "training")
	p := c.Profile(n)
	readings := max(1, int(window.Seconds()*c.Rate))
	period := int64(float64(time.Second) / c.Rate)
	means := make([]float64, windows)
	number := uint64(0)
	random := func() float64 { number++; return normal(at(key, number)) }
	for i := range means {
		t := int64(float64(driftPeriod) * (float64(i) + 0.5) / float64(windows))
		red, sum := random(), 0.0
		for range readings {
			red = float64(redKeeps*red) + float64(redAdds*random())
			sum += p.at(t, random(), red)
			t += period
		}
		means[i] = sum / float64(readings)
	}
	return means
}
