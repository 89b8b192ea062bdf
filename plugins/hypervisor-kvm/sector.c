/* The boot sector of the trial guest: 64-bit mode with paging, a hundred ticks of the timer, then power off by ACPI.
 * A KVM that only half works dies on the way or takes many seconds; one that works needs a fraction of a second. */
#include "sector.h"

#if defined(__x86_64__)
/* Addresses: tables of pages at 0x1000 to 0x3fff, of interrupts at 0x4000; the sector lies at 0x7c00. */
__asm__(".pushsection .rodata\n"
        ".globl trial_sector\n"
        ".hidden trial_sector\n"
        "trial_sector:\n"
        ".code16\n"
        "  cli\n"
        "  xorw %ax, %ax\n"
        "  movw %ax, %ds\n"
        "  movw %ax, %es\n"
        "  movw %ax, %ss\n"
        "  movw $0x7c00, %sp\n"
        "  cld\n"
        "  movw $0x1000, %di\n"
        "  movw $0x2000, %cx\n"
        "  rep stosw\n"
        "  movw $0x2003, 0x1000\n"
        "  movw $0x3003, 0x2000\n"
        "  movw $0x0083, 0x3000\n"
        "  lgdtl 0x7c00 + trial_gdt_head - trial_sector\n"
        "  lidtl 0x7c00 + trial_idt_head - trial_sector\n"
        "  movl $0x20, %eax\n"
        "  movl %eax, %cr4\n"
        "  movl $0x1000, %eax\n"
        "  movl %eax, %cr3\n"
        "  movl $0xc0000080, %ecx\n"
        "  rdmsr\n"
        "  orl $0x100, %eax\n"
        "  wrmsr\n"
        "  movl $0x80000001, %eax\n"
        "  movl %eax, %cr0\n"
        "  .byte 0xea\n"
        "  .word 0x7c00 + trial_long - trial_sector, 8\n"
        ".code64\n"
        "trial_long:\n"
        "  movl $16, %eax\n"
        "  movl %eax, %ss\n"
        "  movl $0x4200, %edi\n" /* interrupt 0x20 */
        "  movw $(0x7c00 + trial_tick - trial_sector), (%rdi)\n"
        "  movw $8, 2(%rdi)\n"
        "  movw $0x8e00, 4(%rdi)\n"
        "  movb $0x11, %al\n" /* the interrupt controller: the timer alone, as interrupt 0x20 */
        "  outb %al, $0x20\n"
        "  movb $0x20, %al\n"
        "  outb %al, $0x21\n"
        "  movb $4, %al\n"
        "  outb %al, $0x21\n"
        "  movb $1, %al\n"
        "  outb %al, $0x21\n"
        "  movb $0xfe, %al\n"
        "  outb %al, $0x21\n"
        "  movb $0xff, %al\n"
        "  outb %al, $0xa1\n"
        "  movb $0x34, %al\n" /* the timer: 1 kHz */
        "  outb %al, $0x43\n"
        "  movb $0xa9, %al\n"
        "  outb %al, $0x40\n"
        "  movb $4, %al\n"
        "  outb %al, $0x40\n"
        "  xorl %ebp, %ebp\n"
        "  sti\n"
        "1: hlt\n"
        "  cmpl $100, %ebp\n"
        "  jb 1b\n"
        "  cli\n"
        "  movl $0x604, %edx\n" /* ACPI's power control of the machine \"pc\" */
        "  movl $0x2000, %eax\n"
        "  outw %ax, %dx\n"
        "2: hlt\n"
        "  jmp 2b\n"
        "trial_tick:\n"
        "  incl %ebp\n"
        "  pushq %rax\n"
        "  movb $0x20, %al\n"
        "  outb %al, $0x20\n"
        "  popq %rax\n"
        "  iretq\n"
        "trial_gdt: .quad 0, 0x00209a0000000000, 0x0000920000000000\n"
        "trial_gdt_head: .word 23\n"
        "  .long 0x7c00 + trial_gdt - trial_sector\n"
        "trial_idt_head: .word 0xfff\n"
        "  .long 0x4000\n"
        ".org trial_sector + 510\n"
        "  .byte 0x55, 0xaa\n"
        ".popsection\n");

bool trial_sector_is_there(void)
{
    return true;
}
#else
const unsigned char trial_sector[TRIAL_SECTOR_BYTES];

bool trial_sector_is_there(void)
{
    return false;
}
#endif
