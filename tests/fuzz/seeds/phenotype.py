"""Tables of phenotypes: separators, quotes, missing codes, two tables."""

import gzip

WIDE = "IID\tage\tsex\tbmi\tcity\n1\t30\t1\t22.5\tOslo\n2\tNA\t2\t\tBergen\n3\t41\t1\t-9\t.\n"
PREG = "FID,IID,PREG,score\nF,1,a,0.5\nF,1,b,1\nF,2,a,NaN\n"


def make(seeds):
    for words in ("id=IID", "id=IID missing=-9", "id=IID columns=bmi text=bmi", "id=iid columns=age", "", "id=IID text=age", "id=nowhere",
                  "id=IDD", "id=IID columns=cty", "id=IID delimiter=tab", "id=IID delimiter=,", "id=IID missing=Oslo"):
        seeds.add(words, WIDE)
    for table in ("\ufeff" + WIDE.replace("\n", "\r\n"), WIDE.replace("\t", ","), WIDE.replace("\t", ";"),
                  "IID age  sex\n1 30\t1\n 2 31 2\n", gzip.compress(WIDE.encode()), WIDE + "\n\n", WIDE[:-1], "#" + WIDE,
                  'IID,"a ""b""",c\n1,"x, y","line\nend"\n2 , " z " ,\n', "IID\tx\n1\t\"tab\tinside\"\n", 'IID "a b"\n1 "c d"\n',
                  "IID,,a\n1,2,3\n", "IID,x\n1,1\n2,1\n3,1\n4,1\n5,1\n6,1\n7,1\n8,1\n9,1\n10,1\n11,odd\n", "IID;x\n1;odd\n2;1,5\n3;1\n"):
        seeds.add("id=IID", table)
    seeds.add("id=IID", "IID,age\n1,2\n", "IID,height\n2,180\n3,170\n")
    seeds.add("id=IID", "IID,age\n1,2\n", "IID,age\n2,180\n")
    seeds.add("id=IID family=FID pregnancy=PREG", PREG)
    seeds.add("id=IID pregnancy=PREG", PREG, PREG.replace("score", "other"))
    seeds.add("id=IID", PREG)
    for bad in ("", "\n", "a\tb\n\xff\t1\n".encode("latin-1"), "\xff\tb\n".encode("latin-1"), "IID,IID\n", "IID,x\n1,2,3\n", "IID,x\n1\n", "IID\tx\n1\t2\t3\n",
                "IID x\n1 2 3\n", "IID;x\n1,2\n", "IID,x\n1,2\n1,3\n", "IID,x\n,2\n", "IID,x\n1,2\n\n3,4\n", 'IID,x\n1,"2\n', 'IID,"x\n', 'IID,x\n1,"2"3\n',
                "IID;x\n1;1,5\n2;2,5\n", "IID,x\n1,\0\n", 'IID,x\n1,\t"open\n', 'IID,x\n1,\t"a,b"\n', "1,2,3\n4,5,6\n", "IID,\x1b[2J,\x1b[2J\n", "IID,\x1b]0;\x07\n1,\n",
                "IID,x\n1," + "9" * 400 + "\n", "IID,x\n1,1e400\n", "IID," + ",".join(f"c{i}" for i in range(30)) + "\n1\n"):
        seeds.add("id=IID", bad)
    for ids in (("1_1", "2_2"), ("0001", "F_2"), ("1.0", "2.0"), ("f_2", "A_B"), ("id1", "id007"), ("x", "y")):
        seeds.add("id=IID", "IID,x\n" + "".join(f"{i},1\n" for i in ids))
    # Long tables: alone, beside a wide one, two of them, a row twice.
    long = "IID\twave\tscore\n1\tQ1\t3\n1\tQ3\t4\n2\tQ1\tNA\n"
    for words in ("id=IID wave=wave", "id=IID wave=none", "id=IID wave=wave both", "id=IID wave=wave columns=score", "wave=wave"):
        seeds.add(words, long)
        seeds.add(words, long, WIDE)
    seeds.add("id=IID wave=wave", long + "1\tQ1\t9\n")
    seeds.add("id=IID wave=wave", long + "3\t\t9\n")
    seeds.add("id=IID wave=wave", long, "IID\tscore\tother\n1\t1\tx\n2\t2\ty\n")
    seeds.add("id=IID pregnancy=PREG wave=wave", "IID\tPREG\twave\ts\n1\ta\tQ1\t3\n1\tb\tQ1\t4\n", PREG.replace(",", "\t"))
    seeds.add("id=IID pregnancy=PREG wave=wave", "IID\tPREG\twave\ts\n1\ta\tQ1\t3\n1\ta\tQ1\t4\n")
    other = long.replace("score", "other")
    seeds.add("id=IID wave=wave both", long, other)
