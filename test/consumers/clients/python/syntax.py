"""Names the places where files of folders are not what their language allows. Arguments: `.cs` or `.swift`, and the folders."""

import sys
from pathlib import Path

import tree_sitter_c_sharp
import tree_sitter_swift
from tree_sitter import Language, Node, Parser

languages = {".cs": tree_sitter_c_sharp, ".swift": tree_sitter_swift}
type, *folders = sys.argv[1:]
parser = Parser(Language(languages[type].language()))


def faults(node: Node):
    if node.is_error or node.is_missing:
        yield node
    elif node.has_error:
        for child in node.children:
            yield from faults(child)


files = [file for folder in folders for file in sorted(Path(folder).rglob(f"*{type}"))]
assert files, "there are no files"
for file in files:
    for node in faults(parser.parse(file.read_bytes()).root_node):
        print(f"{file}:{node.start_point.row + 1}: {node.text.decode()}")
