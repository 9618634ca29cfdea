"""Pedigrees: .fam and tables."""

import gzip

FAM = "F1 c1 f1 m1 1 -9\nF1 c2 f1 m1 2 1\n0 f1 0 0 1 0\nF1\tm1\t0\t0\t2\t0\n"
TABLE = "FID\tIID\tFATHER_ID\tMOTHER_ID\tSEX\tPREG_ID\tTWIN\n1\tc1\tf1\tm1\tM\t1\t\n1\tc2\tf1\tm1\tfemale\t2\t\n1\tf1\t0\tNA\t1\t\t\n1\tm1\t.\t-9\t2\t\t\n"


def make(seeds):
    seeds.add("", FAM)
    seeds.add("", "\ufeff" + FAM.replace("\n", "\r\n") + "\n")
    seeds.add("", gzip.compress(FAM.encode()))
    seeds.add("", TABLE)
    seeds.add("per_mother", TABLE)
    seeds.add("", TABLE.replace("\t", ","))
    seeds.add("", TABLE.replace("\t", ";").replace("c2", '"c;""2"'))
    seeds.add("", "id father mother\nc f m\n")
    seeds.add("", '#child\tpat\tmat\n"c\n1"\tf\tm\n')
    seeds.add("id=person father=dad mother=mum sex=s pregnancy=p twin=t family=fam",
              "person,dad,mum,s,p,t,fam\na,b,c,1,x,,f\nd,b,c,2,,1,f\ne,b,c,2,,1,0\nf,,,0,,1,\n")
    twins = "id,father,mother,twin,pregnancy\n"
    seeds.add("", twins + "a,f,m,1,\nb,f,m,1,\nc,f,m,2,p\nd,f,m,2,\ne,f,m,3,\nf2,f,m,3,q\ng,f,,1,\n")
    seeds.add("", twins + "a,f,m,1,p\nb,f,m,1,q\n")
    seeds.add("", twins + "a,f,m,,p\nb,f,n,,p\n")
    seeds.add("per_mother", twins + "a,f,m,,1\nb,f,n,,1\n")
    for bad in ("", "\n", "a b c\n", FAM.replace(" 1 -9", " x -9"), FAM.replace("c1", "0"), FAM.replace("c2", "c1"),
                FAM.replace(" 1 -9", " 1"), FAM.replace("f1 0 0", "f1 c1 0"), "1 a a b 1 0\n", FAM.replace("F1 c2 f1 m1", "F1 c2 m1 f1"),
                FAM.replace("f1 0 0 1", "f1 0 0 2"), FAM.replace("0 0 2 0", "0 0 1 0"), "1 a b 0 0 0\n1 b a 0 0 0\n", "F \x1b[2J 0 0 1 0\n"):
        seeds.add("", bad)
    for bad in ("id father\na b\n", "id iid father mother\na b c d\n", "id,father,mother\na,b\n", "id,father,mother,id\n",
                "id,father,mother\na,f,m\n\nb,f,m\n", 'id,father,mother\n"a,f,m\n', "1,father,mother\na,b,c\n", "id,father,mother,\x1b,\x1b\n",
                "id,father,mother,sex\na,,,X\n", "id,father,mother\n,,\n", "id,mother\na,b\n", "ID,FATHER,MOTHER\na,b,b\n"):
        seeds.add("", bad)
    seeds.add("id=nowhere", TABLE)
    seeds.add("id=IID father=SEX mother=SEX", TABLE)
