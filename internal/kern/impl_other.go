//go:build !amd64 || noasm

package kern

func available() []*Impl { return []*Impl{portable()} }
