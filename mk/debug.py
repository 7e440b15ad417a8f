# SPDX-License-Identifier: BSD-2-Clause
# For gdb: symbols of whichever program runs where the machine stopped.
#
# Programs lie at the same addresses in address spaces of their own, and come and go. What runs is told by its bytes: at every stop the
# code around the program counter is compared with that of each program the system was built from, at the address it was
# linked to or, for a position-independent one, at any base. The one that fits gets its symbols loaded there; those of the one before
# are dropped. The kernel's stay loaded: nothing else lies there. This works on every kernel, since nothing of it is asked.
#
# Started by `make debug`: GRAFT_PROGRAMS is the list of ELF files, separated by blanks. Commands for the user:
#   programs               the programs that are known, and the one that runs
#   break-in PROGRAM PLACE stops where PROGRAM, and no other, comes to PLACE (a function, or file.c:line)
import os
import struct
import gdb

PAGE = 4096
PF_X = 1
SAMPLE = 64 # bytes that are compared first


class Program:
    """An ELF file: where its code lies and what it is."""

    def __init__(self, path):
        self.path = os.path.abspath(path)
        self.name = os.path.basename(path)[:-len('.elf')]
        with open(path, 'rb') as file:
            data = file.read()
        wide = data[4] == 2
        self.moves = struct.unpack_from('<H', data, 16)[0] == 3
        self.code = [] # (address, bytes)
        table, = struct.unpack_from('<Q' if wide else '<I', data, 32 if wide else 28)
        size, count = struct.unpack_from('<HH', data, 54 if wide else 42)
        for i in range(count):
            at = table + i * size
            if wide:
                kind, flags, offset, address, _, length = struct.unpack_from('<IIQQQQ', data, at)
            else:
                kind, offset, address, _, length, _, flags = struct.unpack_from('<IIIIIII', data, at)
            if kind == 1 and flags & PF_X:
                self.code.append((address, data[offset:offset + length]))

    def bases(self, pc):
        """Where the program could have been loaded to, if it is what runs at pc."""
        if not self.moves:
            return [0]
        return [(pc - pc % PAGE) - (address - address % PAGE) - i * PAGE
                for address, code in self.code for i in range(len(code) // PAGE + 1)]

    def fits(self, pc, base):
        """How many bytes around pc are the program's: 0 if any differs."""
        for address, code in self.code:
            at = pc - base - address
            if not 0 <= at < len(code):
                continue
            if not same(pc, code[at:at + SAMPLE]):
                return 0
            # Rank by the whole segment's pages that are there: programs that share a library differ elsewhere.
            return 1 + sum(len(code[i:i + PAGE]) for i in range(0, len(code), PAGE)
                           if same(base + address + i, code[i:i + PAGE]))
        return 0


def same(address, wanted):
    try:
        return bytes(gdb.selected_inferior().read_memory(address, len(wanted))) == wanted
    except gdb.MemoryError:
        return False


programs = [Program(path) for path in os.environ['GRAFT_PROGRAMS'].split()]
loaded = None # (program, base) whose symbols gdb has


def program_counter():
    return int(gdb.parse_and_eval('(unsigned long)$pc'))


def find_running():
    pc = program_counter()
    best = max(((program.fits(pc, base), -i, program, base) for i, program in enumerate(programs)
                for base in program.bases(pc)), default=(0, 0, None, 0), key=lambda entry: entry[:2])
    return (best[2], best[3]) if best[0] else None


def load_symbols(running, tell=True):
    global loaded
    if running == loaded:
        return
    if loaded:
        gdb.execute('remove-symbol-file "%s"' % loaded[0].path, to_string=True)
    if running:
        gdb.execute('add-symbol-file "%s" -o 0x%x' % (running[0].path, running[1]), to_string=True)
    if running and tell:
        gdb.write('[program %s%s]\n' % (running[0].name, ' at 0x%x' % running[1] if running[1] else ''))
    loaded = running


def stopped(event):
    load_symbols(find_running())


class BreakIn(gdb.Command):
    """break-in PROGRAM PLACE: stops where PROGRAM, and no other, comes to PLACE (a function, or file.c:line)."""

    def __init__(self):
        super().__init__('break-in', gdb.COMMAND_BREAKPOINTS)

    def invoke(self, argument, from_tty):
        words = gdb.string_to_argv(argument)
        if len(words) != 2:
            raise gdb.GdbError('usage: break-in PROGRAM PLACE')
        program = next((p for p in programs if p.name == words[0]), None)
        if not program:
            raise gdb.GdbError('no program is called %s; known: %s' % (words[0], ' '.join(p.name for p in programs)))
        if program.moves:
            raise gdb.GdbError('%s has no address before it is loaded: stop in it first' % program.name)
        before = loaded
        load_symbols((program, 0), False)
        try:
            addresses = [line.pc for line in gdb.decode_line(words[1])[1] or []]
        finally:
            load_symbols(before, False)
        for address in addresses:
            InProgram(address, program)


class InProgram(gdb.Breakpoint):
    def __init__(self, address, program):
        super().__init__('*0x%x' % address)
        self.program = program

    def stop(self):
        running = find_running()
        return running is not None and running[0] is self.program


class Programs(gdb.Command):
    """programs: those that are known, and the one that runs."""

    def __init__(self):
        super().__init__('programs', gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        for program in programs:
            gdb.write('%s %s\n' % ('*' if loaded and loaded[0] is program else ' ', program.path))


BreakIn()
Programs()
gdb.events.stop.connect(stopped)
