#!/usr/bin/env python3
"""Writes the demo's enterprise lists: enterprises.csv (GB18030, as Chinese Excel saves it),
enterprises-utf8.csv (with BOM) and enterprises.xlsx (numbers where Excel would make numbers).

Everything is invented: the city (东澄市), its district (澄湾区), enterprises, people. Credit codes
are well-formed but of a region number that is given to no place (370599); telephone numbers end in
0000 blocks that are not given out; mail goes to .example (RFC 2606).

usage: make_enterprises.py [FOLDER]
"""

import csv
import io
import os
import sys
import zipfile
from xml.sax.saxutils import escape

COLUMNS = ["企业名称", "统一社会信用代码", "简称", "层别", "联系人", "电话", "邮箱",
           "联系人2", "电话2", "邮箱2", "地址", "邮编"]

# name | short name | mail domain's first label
FOREIGN = """
星野（东澄）精密机械有限公司|星野精机|xingye
北原KITA电子（东澄）有限公司|北原电子|kita
韩松食品（东澄）有限公司|韩松食品|hansong
莱茵涂层技术(东澄)有限公司|莱茵涂层|laiyin
澄湾海际集装箱码头有限公司|海际码头|haiji
东澄瑞蓝新材料有限公司|瑞蓝新材|ruilan
福澜达轮胎（东澄）股份有限公司|福澜达轮胎|fulanda
东澄安雅医疗器械有限公司|安雅医疗|anya
维森阀门（中国）有限公司东澄分公司|维森阀门|weisen
东澄佳穗粮油工业有限公司|佳穗粮油|jiasui
青屿风电装备（东澄）有限公司|青屿风电|qingyu
东澄宝岛水产养殖有限公司|宝岛水产|baodao
恩特尔传感器(东澄)有限公司|恩特尔|enteer
港悦物业服务（东澄）有限公司|港悦物业|gangyue
东澄三叶纺织有限公司|三叶纺织|sanye
东澄海棠化妆品有限公司|海棠化妆品|haitang
赛澜物流（东澄）有限公司|赛澜物流|sailan
东澄科伦特石油装备有限公司|科伦特|kelunte
东澄南洋木业有限公司|南洋木业|nanyang
乐町玩具（东澄）有限公司|乐町玩具|leting
东澄汉陶啤酒有限公司|汉陶啤酒|hantao
东澄明河水务有限公司|明河水务|minghe
东澄鼎川冷链有限公司|鼎川冷链|dingchuan
博维生物科技（东澄）有限公司|博维生物|bowei
东澄联创软件园开发有限公司|联创软件园|lianchuang
东澄银杉融资租赁有限公司|银杉租赁|yinshan
东澄伟丰制衣有限公司|伟丰制衣|weifeng
欧莱克包装（东澄）有限公司|欧莱克|oulaike
东澄长荣造船有限公司|长荣造船|changrong
东澄新加美商业管理有限公司|新加美|xinjiamei
东澄华奥玻璃有限公司|华奥玻璃|huaao
东澄台泰电机有限公司|台泰电机|taitai
东澄维罗纳家居有限公司|维罗纳家居|weiluona
丸和树脂（东澄）有限公司|丸和树脂|wanhe
东澄天禾种业有限公司|天禾种业|tianhe
东澄映山影院管理有限公司|映山影院|yingshan
东澄伊诺地毯有限公司|伊诺地毯|yinuo
东澄国泰光电股份有限公司|国泰光电|guotaigd
东澄索恩轴承有限公司|索恩轴承|suoen
东澄正合方圆饲料有限公司|方圆饲料|fangyuan
"""

INDUSTRY = """
东澄市金帆纺织有限公司|金帆纺织|jinfan
澄湾海润化工股份有限公司|海润化工|hairun
东澄市恒基混凝土有限公司|恒基混凝土|hengji
东澄胜澄石油机械有限责任公司|胜澄机械|shengcheng
东澄市宏远钢构有限公司|宏远钢构|hongyuan
东澄市澄河口酿酒厂|澄河口酒厂|chkjiu
东澄澄源环保设备股份有限公司|澄源环保|chengyuan
东澄市东方彩印包装有限公司|东方彩印|dfcy
东澄鲁澄热电有限公司|鲁澄热电|lucheng
东澄市兴隆轮毂制造有限公司|兴隆轮毂|xinglong
东澄市利丰面粉有限公司|利丰面粉|lifeng
东澄凯泽橡胶有限公司|凯泽橡胶|kaize
东澄市蓝天盐化有限公司|蓝天盐化|lantian
东澄市永盛电缆厂（普通合伙）|永盛电缆|yongsheng
东澄奥维电子科技有限公司|奥维电子|aowei
东澄市泰岳玻璃钢有限公司||tyblg
东澄市科达仪表股份有限公司|科达仪表|keda
东澄市双槐家具有限公司|双槐家具|shuanghuai
东澄市盛唐制药有限公司|盛唐制药|shengtang
东澄市海达船舶修造有限公司|海达船舶|haida
东澄市民生印染有限责任公司|民生印染|minsheng
东澄市鑫源铸造有限公司|鑫源铸造|xinyuan
东澄中澄新能源科技集团有限公司|中澄新能源|zhongcheng
东澄市大明食品有限公司|大明食品|daming
东澄市方兴建材有限公司|方兴建材|fangxing
东澄市康乐肉类加工有限公司|康乐肉类|kangle
东澄市国土源新型墙材有限公司|国土源墙材|guotuyuan
东澄市正华助剂股份有限公司|正华助剂|zhenghua
东澄市龙口桥机械厂|龙口桥机械|lkqjx
东澄市红旗塑编有限公司|红旗塑编|hongqi
东澄市昌盛水泥制品有限公司|昌盛水泥|changsheng
东澄市旭日太阳能有限公司|旭日太阳能|xuri
东澄市万通沥青有限公司|万通沥青|wantong
东澄市天信纺机配件有限公司|天信纺机|tianxin
东澄市巨力吊装设备有限公司|巨力吊装|juli
东澄市瑞丰肥业有限公司|瑞丰肥业|ruifeng
东澄市金税通电子有限公司|金税通电子|jinshuitong
东澄市环宇管业（集团）有限公司|环宇管业|huanyu
东澄市新华印务有限公司|新华印务|xinhuayw
东澄市百川净水剂有限公司|百川净水|baichuan
"""

TRADE = """
澄湾区老渔港海鲜酒楼|老渔港|laoyugang
东澄市好邻居连锁超市有限公司（振兴路店）|好邻居振兴路店|hljzxl
东澄市金廊商城有限责任公司|金廊商城|jinlang
澄湾区阿庆面馆||aqing
东澄市税苑大酒店有限公司|税苑大酒店|shuiyuan
东澄市百味居餐饮管理有限公司|百味居|baiweiju
东澄市工商联合商厦|工联商厦|gonglian
东澄市鸿翔汽车贸易有限公司|鸿翔汽贸|hongxiang
东澄市康槐大药房连锁有限公司|康槐大药房|kanghuai
澄湾区海之韵咖啡店||haizhiyun
东澄市惠民粮油批发市场有限公司|惠民批发市场|huimin
东澄市东海水产冷冻有限公司|东海水产|donghai
东澄市亿家建材超市有限公司|亿家建材|yijia
东澄市华裳服装有限公司|华裳服装|huashang
澄湾区聚贤庄酒店|聚贤庄|juxian
东澄市顺风加油站|顺风加油站|shunfeng
东澄市天天鲜果蔬配送有限公司|天天鲜|tiantianxian
东澄市文轩书店有限公司|文轩书店|wenxuan
东澄市金钥匙黄金珠宝行|金钥匙珠宝|jinyaoshi
东澄市四海通讯器材有限公司|四海通讯|sihai
澄湾区小镇故事火锅店|小镇故事|xzgs
东澄市佳佳乐母婴用品有限公司|佳佳乐|jiajiale
东澄市锦绣家电有限公司|锦绣家电|jinxiu
东澄市捷运物流商贸有限公司|捷运物流|jieyun
澄湾区滨海渔家乐农家院|滨海渔家乐|yujiale
东澄市百家福购物广场有限公司|百家福|baijiafu
东澄市古城茶庄|古城茶庄|guchengcz
东澄市望海楼国际大饭店股份有限公司|望海楼大饭店|wanghailou
东澄市正阳五金机电城有限公司|正阳五金|zhengyang
东澄市大众出租汽车有限公司|大众出租|dazhong
东澄市花好月圆婚庆酒店有限公司|花好月圆|hhyy
东澄市德胜烟酒商行|德胜商行|desheng
东澄市美林家居广场有限公司|美林家居|meilin
东澄市鲜客来快餐有限公司|鲜客来|xiankelai
东澄市信达二手车交易市场有限公司|信达二手车|xinda
东澄市三江农资有限公司|三江农资|sanjiang
东澄市雅士宾馆|雅士宾馆|yashi
东澄市新天地影城有限公司|新天地影城|xintiandi
东澄市同槐医药有限公司|同槐医药|tonghuai
澄湾区刘记羊汤馆||liuji
"""

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = ["海澜", "松年", "若溪", "启明", "书瑶", "立群", "雨禾", "望舒", "景行", "念慈", "怀远", "清扬",
         "秉文", "思齐", "巧云", "学勤", "桂芝", "建波", "凤霞", "同舟", "子墨", "允中", "春生", "敬之",
         "素芬", "大勇", "国梁", "晓帆", "伯安", "慧君", "长河", "月华", "树人", "金玲", "守信", "一鸣"]
ROADS = ["海滨大道", "振兴路", "澄湾一路", "开发区经七路", "南港路", "文昌街", "淮河路", "胜利街", "工业园纬三路",
         "东城大街"]
POSTCODES = ["257000", "257091", "257061", "257335"]

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def organisation_code(body):
    """Eight characters and their check character (GB 11714)."""
    weights = [3, 7, 9, 10, 5, 8, 4, 2]
    total = sum(int(c, 36) * w for c, w in zip(body, weights))
    return body + "0123456789X"[(11 - total % 11) % 11]


def credit_code(kind, number):
    """GB 32100-2015; `kind` 91 is an enterprise, 92 a household business."""
    body = "MA%06X" % (0x0A0000 + number * 7919 % 0x50000)
    body = body.replace("I", "1").replace("O", "0")
    code = kind + "370599" + organisation_code(body)
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code))
    return code + ALPHABET[(31 - total % 31) % 31]


def person(number):
    if number == 47:
        return "于㙦"  # four bytes in GB18030
    surname = SURNAMES[number * 7 % len(SURNAMES)]
    return surname + GIVEN[(number * 5 + number // len(SURNAMES)) % len(GIVEN)]


def landline(number):
    return "0546-000%04d" % (1000 + number * 37 % 9000)


def mobile(number):
    return "1380000%04d" % (1000 + number * 53 % 9000)


def address(number):
    road = ROADS[number * 3 % len(ROADS)]
    text = "东澄市澄湾区%s%d号" % (road, 3 + number * 11 % 280)
    if number % 17 == 4:
        text += ",%s座%d层" % ("AB"[number % 2], 2 + number % 9)
    if number % 40 == 33:
        text += "\n（%s南侧）" % ROADS[(number + 1) % len(ROADS)]
    return text


def enterprise(number, line, stratum):
    name, short, label = line.split("|")
    household = not name.endswith("公司") and stratum == "贸易餐饮企业" and "公司" not in name
    box = ["bgs", "office", "zhb", "info"][number % 4]
    mail = "%s@%s.example" % (box, label)
    row = {
        "企业名称": name,
        "统一社会信用代码": credit_code("92" if household else "91", number),
        "简称": short,
        "层别": stratum,
        "联系人": person(number),
        "电话": landline(number) if number % 3 else mobile(number),
        "邮箱": mail,
        "地址": address(number),
        "邮编": POSTCODES[number % 4],
    }
    if household and number % 5 == 2:  # on paper: no mail at all
        row["邮箱"] = ""
    if number % 9 == 3:
        row["联系人2"] = person(number + 150)
        row["电话2"] = mobile(number + 150)
        row["邮箱2"] = "%s2@%s.example" % (box, label)
    if label in ("hljzxl", "baijiafu"):  # one bookkeeper serves both
        row["邮箱"] = "daili@huizhang.example"
    if label == "gonglian":
        row["电话"] = "0546-0002222转8006"
    return row


def enterprises():
    rows = []
    for stratum, lines in (("外来投资企业", FOREIGN), ("限额以上工业企业", INDUSTRY),
                           ("贸易餐饮企业", TRADE)):
        for line in lines.split():
            rows.append(enterprise(len(rows) + 1, line, stratum))
    # As lists are kept: by no order of stratum.
    return [rows[i * 43 % len(rows)] for i in range(len(rows))]


def check(rows):
    assert len(rows) == 120
    for column in ("企业名称", "统一社会信用代码"):
        assert len({row[column] for row in rows}) == 120, column
    people = [row[c] for row in rows for c in ("联系人", "联系人2") if row.get(c)]
    assert len(set(people)) == len(people), "two of one name"
    phones = [row[c] for row in rows for c in ("电话", "电话2") if row.get(c)]
    assert len(set(phones)) == len(phones), "a phone twice"
    mails = [row["邮箱"] for row in rows if row["邮箱"]]
    assert len(set(mails)) == len(mails) - 1, "one address of two enterprises"


def write_csv(path, rows, encoding):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([row.get(column, "") for column in COLUMNS])
    with open(path, "wb") as out:
        out.write(text.getvalue().encode(encoding))


def column_name(index):
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[index]


def xlsx_cell(place, value, strings):
    """Digits alone are numbers in a sheet that people typed; the rest are shared strings."""
    if value == "":
        return ""
    if value.isdigit() and len(value) < 16:
        return '<c r="%s"><v>%s</v></c>' % (place, value)
    index = strings.setdefault(value, len(strings))
    return '<c r="%s" t="s"><v>%d</v></c>' % (place, index)


def write_xlsx(path, rows):
    strings = {}
    lines = []
    table = [COLUMNS] + [[row.get(column, "") for column in COLUMNS] for row in rows]
    for number, values in enumerate(table, 1):
        cells = "".join(xlsx_cell(column_name(i) + str(number), value, strings)
                        for i, value in enumerate(values))
        lines.append('<row r="%d">%s</row>' % (number, cells))
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    relation = '<Relationship Id="%s" Type="' + office + '/%s" Target="%s"/>'
    override = '<Override PartName="/%s" ContentType="' + kind + '%s+xml"/>'
    items = "".join('<si><t xml:space="preserve">%s</t></si>' % escape(s) for s in strings)
    parts = {
        "[Content_Types].xml": '<Types xmlns="%s/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>%s</Types>' % (
            package, override % ("xl/workbook.xml", "sheet.main") +
            override % ("xl/worksheets/sheet1.xml", "worksheet") +
            override % ("xl/sharedStrings.xml", "sharedStrings")),
        "_rels/.rels": '<Relationships xmlns="%s/relationships">%s</Relationships>' % (
            package, relation % ("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": '<workbook xmlns="%s" xmlns:r="%s"><sheets><sheet name="企业名单" '
        'sheetId="1" r:id="rId1"/></sheets></workbook>' % (main, office),
        "xl/_rels/workbook.xml.rels":
        '<Relationships xmlns="%s/relationships">%s</Relationships>' % (
            package, relation % ("rId1", "worksheet", "worksheets/sheet1.xml") +
            relation % ("rId2", "sharedStrings", "sharedStrings.xml")),
        "xl/worksheets/sheet1.xml": '<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>'
        % (main, "".join(lines)),
        "xl/sharedStrings.xml": '<sst xmlns="%s">%s</sst>' % (main, items),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in parts.items():
            info = zipfile.ZipInfo(name, (2026, 3, 2, 9, 0, 0))  # the same bytes every time
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            out.writestr(info, head + text)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    rows = enterprises()
    check(rows)
    write_csv(os.path.join(folder, "enterprises.csv"), rows, "gb18030")
    write_csv(os.path.join(folder, "enterprises-utf8.csv"), rows, "utf-8-sig")
    write_xlsx(os.path.join(folder, "enterprises.xlsx"), rows)


if __name__ == "__main__":
    main()
