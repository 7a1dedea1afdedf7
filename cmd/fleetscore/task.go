package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/fleetscore/fleetscore/app"
	"github.com/fleetscore/fleetscore/fleet"
)

func newTask() *cobra.Command {
	var manifest, cache string
	var index, offset, attempt, workers int
	cmd := &cobra.Command{
		Use:   "task --manifest URL --index N",
		Short: "Execute one task of a run, as batch engines do",
		Long: `Execute one task of a run: read its shard, score it, and write predictions, a log and a result to the store.

It needs the store and nothing else. The index is that of the task in its manifest; without --index it is that of
an array job: JOB_COMPLETION_INDEX (Kubernetes) or SLURM_ARRAY_TASK_ID, plus --offset.

Exit status: 0 the result is in the store, whatever became of the sensors; 1 there is no result; 2 wrong usage.`,
		Example: `  fleetscore task --manifest s3://plant/runs/20261123t130200000-k3f9x/manifest-0.json --index 12`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if manifest == "" {
				return usageError{errors.New("--manifest is needed: the URL of a run's manifest")}
			}
			if !cmd.Flags().Changed("index") {
				var err error
				if index, err = arrayIndex(); err != nil {
					return usageError{err}
				}
			}
			host, _ := os.Hostname() // only a name for logs
			node := app.Node{Name: host, Cache: cache, Workers: workers}
			return node.RunOne(cmd.Context(), manifest, fleet.Task{Index: index + offset, Attempt: attempt})
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&manifest, "manifest", "", "URL of the manifest")
	f.IntVar(&index, "index", 0, "index of the task")
	f.IntVar(&offset, "offset", 0, "added to the index, where an engine bounds the size of an array")
	f.IntVar(&attempt, "attempt", 1+int(time.Now().Unix()%999_999), "number of the attempt, of which no two may be the same (default by the time)")
	f.StringVar(&cache, "cache", "", "folder for packs of models (default none are kept)")
	f.IntVar(&workers, "workers", 0, "how many to score at a time (0: as many as there are cores)")
	f.Lookup("attempt").DefValue = ""
	return cmd
}

// arrayIndex is the index that a batch engine gives.
func arrayIndex() (int, error) {
	for _, name := range []string{"JOB_COMPLETION_INDEX", "SLURM_ARRAY_TASK_ID"} {
		text := os.Getenv(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return 0, fmt.Errorf("%s is %q, which is no index", name, text)
		}
		return n, nil
	}
	return 0, errors.New("--index is needed (or JOB_COMPLETION_INDEX, SLURM_ARRAY_TASK_ID)")
}
