// SPDX-License-Identifier: MIT OR GPL-2.0-only
//
// Tells every Internet socket of every process, in one walk that the kernel makes over its tasks
// and their descriptors (a BPF iterator, `iter/task_file`, Linux 5.8; bpf_sock_from_file, 5.11).
//
// The records are those of ../src/owner_record.rs, which says what each field is. `cargo xtask bpf`
// makes owners.bpf.o from this file; the kernel fits it to its own structures when it is loaded
// (CO-RE: only the names below must be the kernel's, not the places). It reads and changes nothing
// else.
//
// Licence: this file alone may also be had under the GPL, version 2, for the kernel lends the
// helper bpf_seq_write to nothing else.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define AF_INET 2
#define AF_INET6 10

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct task_struct {
	int pid;
	int tgid;
	struct task_struct *group_leader;
	__u64 start_boottime;
};

struct inode {
	unsigned long i_ino;
};

struct file {
	struct inode *f_inode;
};

struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

typedef struct {
	__s64 counter;
} atomic64_t;

struct sock_common {
	unsigned short skc_family;
	volatile unsigned char skc_state;
	unsigned char skc_reuse : 4;
	unsigned char skc_reuseport : 1;
	possible_net_t skc_net;
	atomic64_t skc_cookie;
};

struct sock {
	struct sock_common __sk_common;
	__u16 sk_protocol;
};

struct socket {
	struct sock *sk;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

#pragma clang attribute pop

struct record {
	__u64 inode;
	__u64 cookie;
	__u64 start;
	__u32 process;
	__u32 thread;
	__u32 descriptor;
	__u32 namespace;
	__u16 protocol;
	__u8 family;
	__u8 state;
	__u32 reuse_port;
};

SEC("iter/task_file")
int owners(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct socket *socket;
	struct record record;
	struct sock *sk;
	unsigned short family;

	if (!task || !file)
		return 0;
	socket = bpf_sock_from_file(file);
	if (!socket)
		return 0;
	sk = socket->sk;
	// A socket that is being closed.
	if (!sk)
		return 0;
	family = sk->__sk_common.skc_family;
	if (family != AF_INET && family != AF_INET6)
		return 0;

	record.inode = file->f_inode->i_ino;
	record.cookie = sk->__sk_common.skc_cookie.counter;
	record.start = task->group_leader->start_boottime;
	record.process = task->tgid;
	record.thread = task->pid;
	record.descriptor = ctx->fd;
	record.namespace = sk->__sk_common.skc_net.net->ns.inum;
	record.protocol = sk->sk_protocol;
	record.family = family;
	record.state = sk->__sk_common.skc_state;
	record.reuse_port = BPF_CORE_READ_BITFIELD(sk, __sk_common.skc_reuseport);
	bpf_seq_write(ctx->meta->seq, &record, sizeof(record));
	return 0;
}

// Without debugging information, for the kernel takes no type of a section that only a linker sizes.
__attribute__((nodebug)) char LICENSE[] SEC("license") = "Dual MIT/GPL";
