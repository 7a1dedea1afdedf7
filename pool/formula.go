package pool

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"
)

// Default is the formula that is in force unless another is given. It wants
//
//   - the nodes that have work, and of those that are idle one for each task that waits;
//   - a node for each stretch of waiting work that is worth starting one (half of what
//     a start takes, at least 50 ms), leaving out what the nodes that have work will
//     have done of it before another could be ready;
//   - twice as many when tasks have waited for longer than that explains (Patience);
//   - those that the next run needs, once that is as near as a start takes: a node that
//     would stop and start again costs no less if it stays, and one that is started
//     then is ready in time.
//
// So without work there are none, unless a run is near.
const Default = `math.greatest(
  busy_nodes + math.least(idle_nodes, pending_tasks),
  next_run_seconds <= startup_seconds ? next_run_nodes : 0,
  pending_tasks > 0 ? math.greatest(
    1,
    full_nodes + math.least(pending_tasks, math.ceil(
      (pending_seconds - full_nodes * math.greatest(0, startup_seconds - pending_seconds / pending_tasks / 2))
      / math.greatest(0.05, startup_seconds / 2))),
    starting_nodes == 0 && oldest_seconds > math.greatest(0.1, 2 * startup_seconds) ? 2 * nodes : 0) : 0)`

// Bounds of a formula.
const (
	mostText  = 4096 // bytes
	mostDepth = 100
	mostCost  = 10_000 // of an evaluation, in CEL's units: about a millisecond
)

// Formula is a formula that can be followed. It is for any number of goroutines.
type Formula struct {
	text    string
	program cel.Program
}

var environment = sync.OnceValues(func() (*cel.Env, error) {
	options := []cel.EnvOption{
		ext.Math(), cel.ParserRecursionLimit(mostDepth), cel.ParserExpressionSizeLimit(mostText), cel.CrossTypeNumericComparisons(true),
	}
	for _, v := range variables {
		options = append(options, cel.Variable(v.name, cel.DoubleType))
	}
	return cel.NewEnv(options...)
})

// Compile makes a formula of its text, or says what is wrong with it and where.
func Compile(text string) (*Formula, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("the formula is empty")
	}
	if len(text) > mostText {
		return nil, fmt.Errorf("the formula has %d bytes, and may have %d", len(text), mostText)
	}
	env, err := environment()
	if err != nil {
		return nil, err
	}
	parsed, issues := env.Parse(text)
	if issues.Err() != nil {
		return nil, fmt.Errorf("the formula cannot be read: %w", mistakes(text, issues))
	}
	toReal(parsed.NativeRep())
	checked, issues := env.Check(parsed)
	if issues.Err() != nil {
		return nil, fmt.Errorf("the formula cannot be understood: %w", mistakes(text, issues))
	}
	switch checked.OutputType() {
	case cel.DoubleType, cel.IntType, cel.UintType, cel.DynType:
	default:
		return nil, fmt.Errorf("the formula gives %s, and must give a number of nodes", checked.OutputType())
	}
	program, err := env.Program(checked, cel.CostLimit(mostCost), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, fmt.Errorf("the formula cannot be used: %w", shortened(err))
	}
	f := &Formula{text: text, program: program}
	for i := range trials {
		if _, err := f.eval(&trials[i]); err != nil {
			return nil, fmt.Errorf("the formula fails on trial (%s): %w", trials[i].text(), err)
		}
	}
	return f, nil
}

// toReal makes real numbers of whole ones, which CEL does not calculate with together.
func toReal(parsed *ast.AST) {
	factory := ast.NewExprFactory()
	ast.PostOrderVisit(parsed.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.LiteralKind {
			return
		}
		switch n := e.AsLiteral().(type) {
		case types.Int:
			e.SetKindCase(factory.NewLiteral(e.ID(), types.Double(n)))
		case types.Uint:
			e.SetKindCase(factory.NewLiteral(e.ID(), types.Double(n)))
		}
	}))
}

// String is the formula's text.
func (f *Formula) String() string { return f.text }

// eval is what the formula gives, rounded up.
func (f *Formula) eval(s *Signals) (float64, error) {
	out, _, err := f.program.Eval(s.activation())
	if err != nil {
		return 0, shortened(err)
	}
	var n float64
	switch v := out.(type) {
	case types.Double:
		n = float64(v)
	case types.Int:
		n = float64(v)
	case types.Uint:
		n = float64(v)
	default:
		return 0, fmt.Errorf("it gives %s, and not a number", out.Type().TypeName())
	}
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return 0, fmt.Errorf("it gives %v, and not a number of nodes", n)
	}
	return math.Ceil(n), nil
}

// trials are signals that a formula must stand: at rest, and in all kinds of work.
var trials = []Signals{
	{NextRunSeconds: Never, Max: 8},
	{NextRunSeconds: 0, NextRunNodes: 3, StartupSeconds: 90, Min: 1, Max: 8, Nodes: 1, IdleNodes: 1},
	{PendingTasks: 1, PendingSensors: 1, NextRunSeconds: 3600, StartupSeconds: 0.05, Max: 1},
	{PendingTasks: 100_000, PendingSensors: 1_000_000, PendingSeconds: 1e6, OldestSeconds: 1e5, NextRunSeconds: 60, Nodes: 8, StartingNodes: 2, IdleNodes: 1, BusyNodes: 5, FullNodes: 4, RunningTasks: 9, StartupSeconds: 90, Max: 4096},
	{RunningTasks: 3, Nodes: 3, BusyNodes: 3, FullNodes: 3, NextRunSeconds: 5, NextRunNodes: 8, StartupSeconds: 30, Min: 2, Max: 16},
}
