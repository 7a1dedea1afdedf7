// Package executortest is the suite that every executor passes: what package
// executor promises, with real processes that crash, hang and are killed.
//
// The test binary is the node's command too, so a package's tests need a TestMain
// and a function that opens its executor:
//
//	func TestMain(m *testing.M) { executortest.Main(m, local.Serve) }
//
//	func TestExecutor(t *testing.T) { executortest.Run(t, open) }
//
// What a task does is said by its manifest, see Do. Nothing is waited for by
// sleeping: tasks and tests meet at named pipes, and that a process is dead is
// seen at the pipe that it held open.
package executortest
