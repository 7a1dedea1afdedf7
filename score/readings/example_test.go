package readings_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/fleetscore/fleetscore/score/readings"
)

func Example() {
	const file = `TS,Device,Tag,Value
2018-08-28 23:00:05.000,pump,flow,84.53
2018-08-28 23:00:05.000,pump,heat,n/a
2018-08-28 23:00:10.000,pump,flow,84.61
`
	c := readings.NewCollector(readings.Options{})
	if err := c.Read(context.Background(), "data.csv", strings.NewReader(file)); err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range c.Finish().Series {
		fmt.Println(s.Sensor, s.Rows())
		for _, b := range s.Blocks() {
			for i, v := range b.Values {
				fmt.Printf("\t%s %v\n", b.AppendTime(nil, i), v)
			}
		}
		for _, f := range s.Failures {
			fmt.Printf("\t%s: %s\n", f.Cause, f.Example)
		}
	}
	// Output:
	// pump/flow 2
	// 	2018-08-28 23:00:05.000 84.53
	// 	2018-08-28 23:00:10.000 84.61
	// pump/heat 0
	// 	not_finite: data.csv:3: value "n/a" is not a finite number
}
