package local

import "syscall"

// attributes puts a node into a group of its own, out of reach of Ctrl-C on the
// terminal.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// reap waits for the process, and kills what is left of its group. If nothing is,
// the number is free; it is not given again within this moment.
func (c *child) reap() error {
	err := c.cmd.Wait()
	c.kill()
	c.mu.Lock()
	c.gone = true
	c.mu.Unlock()
	return err
}

// resident is the memory that a process has, in bytes; here it is not known.
func resident(int) int64 { return 0 }

// looksItself is whether a node must look at its own memory.
const looksItself = true
