from tests.servers.running import Product
def test_x(product: Product) -> None:
    talk = product.visit(customer="C007")
    talk.say_all("订单202646854242764129地址改一下", "上海市浦东新区世纪大道100号", "运费多少", "不对 改成浙江省杭州市西湖区文三路1号", "确定")
    print(talk)
    talk = product.visit(customer="C037"); talk.say_all("安装收费吗","预约安装","周日下午"); print(talk)
    talk = product.visit(customer="C051"); talk.say_all("我要改订单","改电话","第一个","1380000000","139 0000 0001 李四","颜色选错了想换成黑色","备注一下","第一个","别放小票哈","快递员电话多少","让他晚上八点以后再送","第一个"); print(talk)
    talk = product.visit(customer="C051"); talk.say_all("你们怎么回事！地址写错了不给改，气死我了","第二个","不改了"); print(talk)
    talk = product.visit(); talk.say_all("周末再送","202651000000000066","1234","202651000000000066","5101","空调什么时候来装","两个订单能合一起发吗"); print(talk)
    talk = product.visit(customer="C052"); talk.say_all("空调到了 几时来装啊","明天家里没人","下周六下午吧","再约一次周日安装","装完漏水了怎么办","恢复订单"); print(talk)
    assert 0
