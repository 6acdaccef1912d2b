//go:build amd64 && !noasm

package kern

import "golang.org/x/sys/cpu"

func available() []*Impl {
	all := []*Impl{portable()}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		all = append(all, avx2())
		if cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL {
			all = append(all, avx512())
		}
	}
	return all
}
